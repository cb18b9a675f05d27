# The map of functions. The rules of variables refer to it, and to nothing else: with it they are a configuration
# that is planned without a provider, in which tests try wrong values.

locals {
  # Every function: its handler, what calls it, what it may do. Packaging and tests read the same map.
  functions = { for name, entry in jsondecode(file("${path.module}/../services/functions.json")) : name => entry if name != "$schema" }

  # By what triggers them.
  queue_functions    = { for name, function in local.functions : name => function if function.trigger.type == "queue" }
  stream_functions   = { for name, function in local.functions : name => function if function.trigger.type == "stream" }
  workflow_functions = [for name, function in local.functions : name if function.trigger.type == "workflow"]
}
