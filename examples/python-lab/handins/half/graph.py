def reverse(graph):
    turned = {node: [] for node in graph}
    for node in sorted(graph):
        for target in graph[node]:
            turned[target].append(node)
    return turned


def reach(graph, start):
    seen = set()
    stack = [start]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(graph[node])
    return sorted(seen)


# Mistake: finds a path, but not always the shortest.
def path(graph, start, goal, seen=()):
    if start == goal:
        return [goal]
    for target in graph[start]:
        if target not in seen:
            rest = path(graph, target, goal, (*seen, start))
            if rest:
                return [start, *rest]
    return None


# Mistake: waits without end for a node of a cycle to become free.
def order(graph):
    waiting = {node: set(sources) for node, sources in reverse(graph).items()}
    nodes = []
    while waiting:
        for node in sorted(waiting):
            if not waiting[node]:
                nodes.append(node)
                del waiting[node]
                for target in graph[node]:
                    waiting[target].discard(node)
                break
    return nodes
