"""What both engines are put through: turns of programs, drift and operations."""

TWO = """
a = Thing("a", value="{value}", kind="{kind}")
b = Thing("b", value=a.stamp, opts=Options(depends_on=[a]))
pulumi.export("stamp", b.stamp)
"""
CHAIN = """
a = Thing("a", kind="{kind}", first=True)
b = Thing("b", kind=a.stamp)
c = Thing("c", value=a.stamp)
Thing("d", value="1", opts=Options(depends_on=[b]))
Thing("e", value="1", opts=Options(deleted_with=a))
"""
COMPONENT = """
group = Group("{name}", opts=Options(aliases=[pulumi.Alias(name="old")]))
child = Thing("{name}-x", value="1", opts=Options(parent=group))
group.register_outputs({{"stamp": child.stamp}})
"""
PROVIDER = """
class Tiny(pulumi.ProviderResource):
    def __init__(self, name, region):
        super().__init__("tiny", name, {{"region": region}})

Thing("a", value="1", opts=Options(provider=Tiny("p", "{region}")))
"""
ADOPTED = """
Thing("a", value="1")
group = Group("g")
Thing("b", value="2", opts=Options(
    parent=group, aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)]
))
"""
DYNAMIC = """
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

class Maker(ResourceProvider):
    def create(self, props):
        return CreateResult("made", {{**props, "token": "t0ken"}})

    def diff(self, id, olds, news):
        return DiffResult(changes=olds["size"] != news["size"])

    def update(self, id, olds, news):
        return UpdateResult({{**news, "token": olds["token"]}})

class Made(Resource):
    def __init__(self, name, size):
        super().__init__(Maker(), name, {{"size": size, "token": None}},
                         Options(additional_secret_outputs=["token"]))

pulumi.export("token", Made("m", {size}).token)
"""


def up(program: str, **values: object) -> tuple:
    return "up", program.format(**values) if values else program


SCENARIOS = {
    "first, no-op, update, replace, delete": [
        up(TWO, value=1, kind="x"),
        up(TWO, value=1, kind="x"),
        up(TWO, value=2, kind="x"),
        up(TWO, value=2, kind="y"),
        up('Thing("a", value="2", kind="y")'),
        up(""),
    ],
    "delete before replace with dependents": [
        up(CHAIN, kind="x"),
        up(CHAIN, kind="y"),
        up(CHAIN, kind="y"),
    ],
    "delete before replace, dependent leaves the program": [
        up(CHAIN, kind="x"),
        up('Thing("a", kind="y", first=True)'),
    ],
    "deleteBeforeReplace option": [
        up('Thing("a", kind="{}", opts=Options(delete_before_replace=True))'.replace("{}", kind))
        for kind in "xy"
    ],
    "deleteBeforeReplace refused by option": [
        up(
            'Thing("a", kind="{}", first=True, opts=Options(delete_before_replace=False))'.replace(
                "{}", kind
            )
        )
        for kind in "xy"
    ],
    "replaceOnChanges": [
        up('Thing("a", value="{}", opts=Options(replace_on_changes=["value"]))'.replace("{}", v))
        for v in "12"
    ],
    "ignoreChanges": [
        up('Thing("a", value="{}", opts=Options(ignore_changes=["value"]))'.replace("{}", v))
        for v in "12"
    ],
    "replacementTrigger": [
        up('Thing("a", value="1", opts=Options(replacement_trigger="{}"))'.replace("{}", v))
        for v in "112"
    ],
    "protect refuses replacement": [
        up('Thing("a", kind="{}", opts=Options(protect=True))'.replace("{}", kind)) for kind in "xy"
    ],
    "protect refuses deletion, others go": [
        up('b = Thing("b")\nThing("a", value=b.stamp, opts=Options(protect=True))\nThing("c")'),
        up(""),
    ],
    "destroy with protection": [
        up('Thing("a", opts=Options(protect=True))\nThing("b")'),
        ("destroy",),
        up('Thing("a")\nThing("b")'),
        ("destroy",),
    ],
    "retainOnDelete": [
        up('Thing("a", opts=Options(retain_on_delete=True))'),
        up(""),
    ],
    "alias rename": [
        up('Thing("a", value="1")'),
        up('Thing("b", value="1", opts=Options(aliases=[pulumi.Alias(name="a")]))'),
        up('Thing("b", value="1")'),
    ],
    "component rename": [
        up(COMPONENT, name="old"),
        up(COMPONENT, name="new"),
        up(COMPONENT, name="new"),
    ],
    "refresh after drift": [
        up('a = Thing("a", value="1")\nThing("b", value=a.stamp)\nThing("c", value="3")'),
        ("change", "c-1"),
        ("remove", "a-1"),
        ("refresh",),
        up('a = Thing("a", value="1")\nThing("b", value=a.stamp)\nThing("c", value="3")'),
    ],
    "failed create, then up again": [
        up('a = Thing("a", value="1")\nThing("b", value="fail", opts=Options(depends_on=[a]))'),
        up('a = Thing("a", value="1")\nThing("b", value="2", opts=Options(depends_on=[a]))'),
    ],
    "failed update": [
        up('Thing("a", value="1")'),
        up('Thing("a", value="fail")'),
        up('Thing("a", value="2")'),
    ],
    "failed replacement, then up again": [
        up('a = Thing("a", kind="x", first=True)\nThing("b", kind=a.stamp)'),
        up('a = Thing("a", kind="y", value="fail", first=True)\nThing("b", kind=a.stamp)'),
        up('a = Thing("a", kind="y", value="1", first=True)\nThing("b", kind=a.stamp)'),
    ],
    "failed delete of a replaced object": [
        up('Thing("a", kind="x", value="stuck")'),
        up('Thing("a", kind="y", value="1")'),
        ("change", "a-1"),
        up('Thing("a", kind="y", value="1")'),
    ],
    "half made": [
        up('Thing("a", value="half")'),
        up('Thing("a", value="half")'),
        up('Thing("a", value="half")'),
    ],
    "wrong inputs": [up('Thing("a", value="bad")')],
    "program error": [up('a = Thing("a", value="1")\nraise ValueError("no")')],
    "explicit provider, in place and replaced": [
        up(PROVIDER, region="here"),
        up(PROVIDER, region="here"),
        up(PROVIDER, region="there"),
    ],
    "secrets": [
        up(
            'Thing("a", password=pulumi.Output.secret("p"), parts=[pulumi.Output.secret("q"), "r"])'
        ),
        up(
            'Thing("a", password=pulumi.Output.secret("p"), parts=[pulumi.Output.secret("q"), "r"])'
        ),
        up(
            'Thing("a", password=pulumi.Output.secret("z"), parts=[pulumi.Output.secret("q"), "r"])'
        ),
    ],
    "dynamic resource": [up(DYNAMIC, size=1), up(DYNAMIC, size=1), up(DYNAMIC, size=2)],
    "custom timeouts": [
        up('Thing("a", opts=Options(custom_timeouts=pulumi.CustomTimeouts(create="1m30s")))'),
        up('Thing("a", opts=Options(custom_timeouts=pulumi.CustomTimeouts(update="2h")))'),
    ],
    "looked up, not managed": [
        up('Thing("a", value="1")'),
        up('Thing("a", value="1")\nThing("seen", opts=Options(id="a-1"))'),
        up('Thing("a", value="1")\nThing("seen", opts=Options(id="a-1"))'),
        up('Thing("a", value="1")'),
        up('Thing("seen", opts=Options(id="none"))'),
    ],
    "moved into a component, and a new type": [
        up('Thing("a", value="1")'),
        up("""
Thing("a", value="1", opts=Options(
    parent=Group("g"), aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)]))
"""),
        up("""
class Thing2(pulumi.CustomResource):
    def __init__(self, name, opts, **props):
        super().__init__("tiny:index:Thing2", name, props, opts)

Thing2("a", value="1", opts=Options(
    parent=Group("g"), aliases=[pulumi.Alias(type_="tiny:index:Thing")]))
"""),
    ],
    "options inherited from a component": [
        up("""
group = Group("g", opts=Options(protect=True))
Thing("a", opts=Options(parent=group))
Thing("b", opts=Options(parent=group, protect=False))
"""),
        up('Thing("a")'),
    ],
    "depending on a component": [
        up("""
group = Group("g")
Thing("a", opts=Options(parent=group))
Thing("b", opts=Options(depends_on=[group]))
"""),
        up(""),
    ],
    "replacement updates its dependents": [
        up('a = Thing("a", kind="x")\nb = Thing("b", value=a.stamp)\nThing("c", kind=b.stamp)'),
        up('a = Thing("a", kind="y")\nb = Thing("b", value=a.stamp)\nThing("c", kind=b.stamp)'),
    ],
    "replaced and removed in one go": [
        up('a = Thing("a", kind="x")\nThing("b", value=a.stamp)'),
        up('Thing("a", kind="y")'),
    ],
    "deletedWith follows a replacement": [
        up('a = Thing("a", kind="x")\nThing("b", opts=Options(deleted_with=a))'),
        up('a = Thing("a", kind="y")\nThing("b", opts=Options(deleted_with=a))'),
    ],
    "additionalSecretOutputs": [
        up('Thing("a", opts=Options(additional_secret_outputs=["stamp"]))'),
        up('Thing("a")'),
    ],
    "stack outputs after a failure": [
        up('pulumi.export("old", 1)\npulumi.export("stamp", Thing("a", value="1").stamp)'),
        up('pulumi.export("new", 2)\npulumi.export("stamp", Thing("a", value="fail").stamp)'),
    ],
    "removed together": [
        up('a = Thing("a")\nb = Thing("b", value=a.stamp, opts=Options(deleted_with=a))'),
        up(""),
    ],
    "import, then up takes it over under its parent": [
        up('Thing("a", value="1")'),
        ("put", "x-1"),
        ("import", "tiny:index:Thing", "b", "x-1"),
        up(ADOPTED),
        up(ADOPTED),
        ("destroy",),
    ],
    "import into a new stack": [
        ("put", "x-1"),
        ("import", "tiny:index:Thing", "b", "x-1"),
        up(ADOPTED),
    ],
    "import of what is not there, or is ours": [
        up('Thing("a", value="1")'),
        ("put", "x-1"),
        ("import", "tiny:index:Thing", "b", "none"),
        ("import", "tiny:index:Thing", "a", "a-1"),
        ("import", "tiny:index:Thing", "a", "x-1"),
        up('Thing("a", value="1")'),
    ],
}
