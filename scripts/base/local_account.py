"""The AWS account of every local cloud, with credentials that are valid nowhere else."""

LOCAL_ACCOUNT = "000000000000"
REGION = "us-east-1"
ACCESS_KEY = "test"
SECRET_KEY = "test"  # noqa: S105 - local clouds accept it from every client; it opens nothing else
