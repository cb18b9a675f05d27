"""The rights of whoever deploys: policies for IAM, from the calls that a deployment makes."""
