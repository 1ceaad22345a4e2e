"""The operations on a stack, each on an open session."""

import traceback
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from pulumi import RunError

from lab.engine import deletions, running, urns
from lab.engine.aliases import Names
from lab.engine.defaults import DefaultProviders
from lab.engine.errors import PROTECTED, EngineError, StateError
from lab.engine.executor import Executor, StoppedError
from lab.engine.goals import Goal
from lab.engine.monitor import Monitor
from lab.engine.planner import Planner
from lab.engine.properties import PropertyMap
from lab.engine.refreshing import Refresher
from lab.engine.replacement import Replacements
from lab.engine.resources import Resource
from lab.engine.session import Session
from lab.engine.state import State
from lab.engine.steps import Planned


def deploy(session: Session, *, preview: bool) -> None:
    """Run the program and do, or only show, what it takes."""
    state = session.state(journaled=not preview)
    monitor = _monitor(session, state, preview=preview)
    error = running.run(session.program, monitor, session.reporter)
    if error is not None and not monitor.stopped and not session.cancelled():
        session.reporter.fail(_described(error, session.program.path))
    try:
        if monitor.completed and not monitor.stopped and not session.cancelled():
            _delete_unwanted(session, monitor)
        monitor.finish_stack_outputs()
    except StateError as problem:
        session.reporter.fail(str(problem))
    session.reporter.result.outputs = monitor.stack_outputs or {}
    if not preview:
        _save(session, state)


def refresh(session: Session) -> None:
    """Take over the objects as they are."""
    refresher = Refresher(session.registry, session.reporter)
    found = refresher.refresh(session.olds, session.cancelled, running.WORKERS)
    session.save(found)
    session.reporter.result.outputs = stack_outputs(found)


def destroy(session: Session) -> None:
    """Delete everything, if nothing is protected."""
    protected = [old for old in session.olds if old.protect and not old.delete]
    for old in protected:
        session.reporter.fail(f"{PROTECTED}; nothing was destroyed", old.urn)
    if protected:
        return
    state = session.state(journaled=True)
    planned = deletions.unwanted(session.olds, lambda _urn: False)
    deleted = {old.urn for old in session.olds}
    executor = Executor(state, session.registry, session.reporter, deleted, preview=False)
    deletions.take_all(executor, planned, session.cancelled, running.WORKERS)
    _save(session, state)


def unprotect(session: Session, names: Collection[str] | None) -> None:
    """Take the protection from the resources of these names, or from all of them.

    Raises:
        StateError: the state has no protected resource of a name.
    """
    protected = {urns.name_of(resource.urn) for resource in session.olds if resource.protect}
    if unknown := sorted(set(names or ()) - protected):
        raise StateError(
            f"nothing that is protected is called {', '.join(unknown)}; "
            f"protected are: {', '.join(sorted(protected)) or 'none'}"
        )
    for resource in session.olds:
        if names is None or urns.name_of(resource.urn) in names:
            resource.protect = False
    session.save(session.olds)


def adopt(session: Session, *, type_: str, name: str, id_: str, parent: str) -> None:
    """Take an object that exists into the state; the next `up` makes it what the program says.

    As `pulumi import` does it: what is in the state already is no error if it is the same object.
    `parent` is a resource's name; empty for the stack itself.

    Raises:
        StateError: the state has no such parent.
    """
    above = _named(session, parent) if parent else ""
    state = session.state(journaled=True)
    monitor = _monitor(session, state, preview=False)
    planner, executor, program = monitor.planner, monitor.executor, session.program

    def register(goal: Goal) -> Resource:
        known = planner.names.olds.get(planner.names.urn(goal))
        if known is not None:
            return known
        for step in planner.plan(goal):
            executor.take(step)
        return step.resource

    with suppress(StoppedError):
        for old in session.olds:
            if not old.delete:
                planner.names.seen.add(old.urn)
                executor.take(Planned(op="same", old=old, new=old.copied()))
        label = f"{program.project}-{program.stack}"
        stack = register(Goal(type=urns.STACK_TYPE, name=label, custom=False))
        defaults = DefaultProviders(program.config, program.secret_keys, register)
        provider = defaults.reference(urns.package_of(type_), "")
        goal = Goal(
            type=type_, name=name, custom=True, parent=above or stack.urn, provider=provider
        )
        known = planner.names.olds.get(planner.names.urn(goal))
        if known is None:
            executor.take(planner.plan_import(goal, id_))
        elif known.id != id_:
            session.reporter.fail(f"the state has it already, as {known.id}", known.urn)
    _save(session, state)


def _named(session: Session, name: str) -> str:
    found = sorted({old.urn for old in session.olds if urns.name_of(old.urn) == name})
    if len(found) != 1:
        what = ", ".join(found) or "nothing"
        raise StateError(f"the parent {name} has to be one resource of the state: it has {what}")
    return found[0]


def stack_outputs(resources: list[Resource]) -> PropertyMap:
    """The outputs of the stack itself."""
    stack = next((item for item in resources if item.type == urns.STACK_TYPE), None)
    return stack.outputs if stack else {}


def _monitor(session: Session, state: State, *, preview: bool) -> Monitor:
    program = session.program
    names = Names(
        stack=program.stack,
        project=program.project,
        olds={old.urn: old for old in session.olds if not old.delete},
    )

    def refuse(urn: str, reason: str) -> None:
        if not preview:
            raise EngineError(reason)
        session.reporter.fail(reason, urn)

    planner = Planner(
        names=names,
        registry=session.registry,
        replacements=Replacements(session.olds, session.registry),
        preview=preview,
        refuse=refuse,
    )
    executor = Executor(state, session.registry, session.reporter, planner.deleted, preview=preview)
    return Monitor(
        planner=planner,
        executor=executor,
        registry=session.registry,
        reporter=session.reporter,
        state=state,
        config=program.config,
        secret_keys=program.secret_keys,
        preview=preview,
        cancelled=session.cancelled,
    )


def _delete_unwanted(session: Session, monitor: Monitor) -> None:
    planner = monitor.planner

    def kept(urn: str) -> bool:
        return planner.names.renamed_to.get(urn, urn) in planner.kept

    planned = deletions.unwanted(session.olds, kept)
    planner.deleted |= {step.resource.urn for step in planned}
    deletions.take_all(monitor.executor, planned, session.cancelled, running.WORKERS)


def _save(session: Session, state: State) -> None:
    try:
        session.save(state.resources(), state.pending())
    except StateError as problem:
        # The journal stays and holds what was done.
        session.reporter.fail(str(problem))


def _described(error: BaseException, program: Path) -> str:
    """What a program's own error is called in front of people."""
    if isinstance(error, RunError):
        return str(error)
    if isinstance(error, SystemExit):
        return f"the program ended itself with code {error.code}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(program.parent)]
    place = f" ({Path(own[-1].filename).name}:{own[-1].lineno})" if own else ""
    return f"the program failed: {type(error).__name__}: {error}{place}"
