"""What is left to delete when the program has said all it wants, and in which order."""

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor

from lab.engine import steps
from lab.engine.executor import Executor, StoppedError
from lab.engine.graph import delete_waves
from lab.engine.resources import Resource
from lab.engine.steps import Planned


def unwanted(olds: Iterable[Resource], kept: Callable[[str], bool]) -> list[Planned]:
    """The deletions of what was replaced or is not in the program any more (GenerateDeletes)."""
    planned: list[Planned] = []
    for old in olds:
        if old.delete:
            planned.append(steps.delete_replaced(old, first=False))
        elif kept(old.urn):
            continue
        elif old.pending_replacement:
            planned.append(Planned(op="remove-pending-replace", old=old))
        else:
            planned.append(steps.delete(old))
    return planned


def take_all(
    executor: Executor,
    planned: Collection[Planned],
    cancelled: Callable[[], bool],
    workers: int,
) -> None:
    """Delete, dependents first, independent resources side by side.

    What cannot be deleted keeps what it depends on; a failure ends the deletions after the
    resources that are under way, but a refusal because of protection does not.
    """
    by_resource = {id(step.resource): step for step in planned}
    spared: set[str] = set()
    failed = False
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for wave in delete_waves(step.resource for step in planned):
            todo = [by_resource[id(resource)] for resource in wave if resource.urn not in spared]
            outcomes = pool.map(lambda step: _taken(executor, step, cancelled), todo)
            for step, taken in zip(todo, outcomes, strict=True):
                if not taken:
                    failed = failed or not step.resource.protect
                    spared |= {step.resource.parent, *step.resource.references()}
            if failed or cancelled():
                return
            spared |= {
                urn
                for resource in wave
                if resource.urn in spared
                for urn in (resource.parent, *resource.references())
            }


def _taken(executor: Executor, step: Planned, cancelled: Callable[[], bool]) -> bool:
    if cancelled():
        return False
    try:
        executor.take(step)
    except StoppedError:
        return False
    return True
