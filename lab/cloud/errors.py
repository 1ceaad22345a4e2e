"""The errors that an emulated cloud gives on purpose."""

from lab.errors import LabError


class CloudError(LabError):
    """The cloud refuses: its error code and its sentence, shown to the user as they are."""

    def __init__(self, code: str | int, message: str) -> None:
        super().__init__(f"{message} ({code})")
        self.code = str(code)
        self.message = message
