def reverse(graph)  # Mistake: no colon.
    turned = {node: [] for node in graph}
    for node in sorted(graph):
        for target in graph[node]:
            turned[target].append(node)
    return turned
