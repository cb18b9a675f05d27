"""How the deployment package is made; `scripts.package` is the door."""
