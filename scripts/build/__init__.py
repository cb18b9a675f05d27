"""How the deployment package is made; `scripts.build.package` is the door."""
