"""Has a function's reserved concurrency count for all of its versions, as on AWS.

ministack 1.5.33 keeps it with the newest code only: calls of an alias, which all of ours are, were never
throttled. https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html

Runs in the emulator's own environment: nothing but the standard library is imported.
"""

from typing import Any


def limit_every_version(functions: Any) -> None:
    """Wrap the service's look-up of a limit, so that it finds the one of the function itself."""
    original = functions._reserved_concurrency

    def reserved(function: Any, config: Any) -> Any:
        whole = functions._functions.get(config.get("FunctionName", ""))
        return original(whole or function, config)

    functions._reserved_concurrency = reserved
