from collections import deque


def reverse(graph):
    turned = {node: [] for node in graph}
    for node in sorted(graph):
        for target in graph[node]:
            turned[target].append(node)
    return turned


def reach(graph, start):
    return sorted(came_from(graph, start))


def path(graph, start, goal):
    previous = came_from(graph, start)
    if goal not in previous:
        return None
    nodes = [goal]
    while nodes[-1] != start:
        nodes.append(previous[nodes[-1]])
    return nodes[::-1]


def order(graph):
    waiting = {node: set(sources) for node, sources in reverse(graph).items()}
    nodes = []
    while waiting:
        free = [node for node, sources in waiting.items() if not sources]
        if not free:
            return None
        node = min(free)
        nodes.append(node)
        del waiting[node]
        for target in graph[node]:
            waiting[target].discard(node)
    return nodes


def came_from(graph, start):
    """Each node in reach of start, with the node before it on the way."""
    previous = {start: None}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for target in graph[node]:
            if target not in previous:
                previous[target] = node
                queue.append(target)
    return previous
