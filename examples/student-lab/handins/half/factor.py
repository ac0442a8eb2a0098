import sys

# Mistake: does not try the square root itself.
for line in sys.stdin:
    number, divisor, factors = int(line), 2, []
    while divisor * divisor < number:
        while number % divisor == 0:
            factors.append(divisor)
            number //= divisor
        divisor += 1
    print(*factors, *([number] if number > 1 else []))
