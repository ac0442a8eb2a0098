import sys

for line in sys.stdin:
    number, divisor, factors = int(line), 2, []
    while number > 1:
        if divisor * divisor > number:
            divisor = number
        while number % divisor == 0:
            factors.append(divisor)
            number //= divisor
        divisor += 1
    print(*factors)
