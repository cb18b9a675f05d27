"""The AWS account that every local cloud stands for: its region, and credentials that open nothing else."""

REGION = "us-east-1"
ACCESS_KEY = "test"
SECRET_KEY = "test"  # noqa: S105 - local clouds accept it from every client; it opens nothing else
