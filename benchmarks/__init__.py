"""How fast it is, and beside what: `python -m benchmarks [NAME…]`, or `make bench` for every figure."""
