"""Messages of Terraform's machine-readable output.

https://developer.hashicorp.com/terraform/internals/machine-readable-ui
"""

import json
from typing import Any


def message(kind: str, **fields: Any) -> str:
    return json.dumps({"@level": "info", "type": kind, **fields})


def hook(address: str, action: str = "create") -> dict[str, Any]:
    return {"resource": {"addr": address}, "action": action}
