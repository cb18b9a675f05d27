"""The AWS account that every local cloud stands for, with credentials that open nothing else."""

LOCAL_ACCOUNT = "000000000000"
REGION = "us-east-1"
ACCESS_KEY = "test"
SECRET_KEY = "test"  # noqa: S105 - local clouds accept it from every client; it opens nothing else
