"""`python -m tests.bench [NAME…]`: run the named benchmarks, or all of them."""

import sys

from tests.bench import look_up, memory, sign_in

BENCHMARKS = {"sign-in": sign_in.run, "look-up": look_up.run, "memory": memory.run}


def main() -> int:
    wanted = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in wanted if name not in BENCHMARKS]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    results = [BENCHMARKS[name]() for name in wanted]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
