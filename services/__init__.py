"""The task manager's Lambda functions: `core` knows the rules, `adapters` know AWS, the rest are thin."""

import gc

# A start allocates tens of thousands of objects that stay: looking for garbage among them is a twentieth of
# its cost. From here on Python looks once for every 50,000 that are kept, rather than for every 700.
gc.set_threshold(50_000, 10, 10)
