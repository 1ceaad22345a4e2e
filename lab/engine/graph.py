"""Who depends on whom, among the resources of a state."""

import heapq
from collections.abc import Callable, Iterable, Sequence

from lab.engine.resources import Resource


class Dependents:
    """Finds what depends on a resource without scanning the whole state each time."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._resources = resources
        self._index = {id(resource): index for index, resource in enumerate(resources)}
        self._users: dict[str, list[int]] = {}
        self.deleted_with: dict[str, list[Resource]] = {}
        for index, resource in enumerate(resources):
            for urn in resource.references():
                self._users.setdefault(urn, []).append(index)
            if resource.deleted_with and not resource.delete:
                self.deleted_with.setdefault(resource.deleted_with, []).append(resource)

    def of(self, root: Resource, ignore: Callable[[str], bool]) -> list[Resource]:
        """All direct and indirect dependents of `root`, in the order of the state.

        Children do not count (DependingOn in pkg/resource/graph/dependency_graph.go).
        """
        cursor = self._index.get(id(root))
        if cursor is None:
            return []
        found: list[Resource] = []
        queue = [index for index in self._users.get(root.urn, []) if index > cursor]
        heapq.heapify(queue)
        seen: set[int] = set()
        while queue:
            index = heapq.heappop(queue)
            resource = self._resources[index]
            if index in seen or ignore(resource.urn):
                continue
            seen.add(index)
            found.append(resource)
            for user in self._users.get(resource.urn, []):
                if user > index:
                    heapq.heappush(queue, user)
        return found


def delete_waves(condemned: Iterable[Resource]) -> list[list[Resource]]:
    """Order deletions: nothing is deleted before all that depends on it.

    Args:
        condemned: the resources to delete, in the order of the state.

    Returns:
        Groups to delete one after the other; those within one are independent of each other.
    """
    depth: dict[str, int] = {}
    subtree: dict[str, int] = {}
    parents: dict[str, str] = {}
    waves: dict[int, list[Resource]] = {}
    for resource in condemned:
        # Depending on a component means depending on all that it holds.
        levels = [max(depth.get(u, -1), subtree.get(u, -1)) for u in resource.references()]
        level = 1 + max([*levels, depth.get(resource.parent, -1)])
        waves.setdefault(level, []).append(resource)
        depth[resource.urn] = max(level, depth.get(resource.urn, -1))
        parents[resource.urn] = resource.parent
        parent = resource.parent
        while parent:
            subtree[parent] = max(level, subtree.get(parent, -1))
            parent = parents.get(parent, "")
    return [waves[level] for level in sorted(waves, reverse=True)]
