"""The problems: for each its name, its points, and the numbers to factor; and
the right answers, which no handin may see."""

PROBLEMS = [
    ("Small", 40, [2, 12, 97, 360]),
    ("Squares", 30, [49, 10201]),
    ("Large", 30, [1000003, 9699690]),
]

ANSWERS = {
    2: [2],
    12: [2, 2, 3],
    97: [97],
    360: [2, 2, 2, 3, 3, 5],
    49: [7, 7],
    10201: [101, 101],
    1000003: [1000003],
    9699690: [2, 3, 5, 7, 11, 13, 17, 19],
}
