"""The rights of a deployment: policies for IAM, from the calls that a deployment makes."""
