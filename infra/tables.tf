locals {
  # Keys have no hyphens: variables are named after them, and the relay takes what stands behind the last one for the key.
  # A table is declared here and nowhere else: its name, its variable in functions' environments, the names for rights
  # on it and on its indexes, its alarms and its output follow.
  tables = {
    tasks = {
      hash_key = "taskId"
      # UUIDv7 sorts by time: the id is also the order in which tasks are listed.
      indexes = {
        # The status and, after a #, a shard of it: see the variable status_shards.
        by-status = { hash_key = "statusShard", range_key = "taskId" }
        by-user   = { hash_key = "userId", range_key = "taskId" }
      }
      streamed  = true
      backed_up = true
    }
    # A verdict, and the task token that waits for it; the stream delivers the one to the other.
    approvals = { hash_key = "taskId", indexes = {}, streamed = true, backed_up = true }
    # Answers by Idempotency-Key, kept for a day.
    idempotency = { hash_key = "id", indexes = {}, streamed = false, backed_up = false }
    # Recent events by time: in the shards of the variable feed_shards, and for each user.
    feed = {
      hash_key  = "feed"
      range_key = "position"
      indexes   = { by-user = { hash_key = "userId", range_key = "position" } }
      streamed  = false
      backed_up = true
    }
    # Totals of a user, and markers of the events that were counted.
    statistics = { hash_key = "id", indexes = {}, streamed = false, backed_up = true }
  }

  # Known before the tables exist, so that policies are readable in a plan and nothing waits for a table.
  table_names = { for name in keys(local.tables) : name => "${local.prefix}-${name}" }
  table_arns = {
    for name, full in local.table_names : name => "arn:${local.partition}:dynamodb:${local.here}:table/${full}"
  }

  # For local.resources: tasks_table and tasks_by_user_index, both with the variable TASKS_TABLE.
  table_environments = { for name, full in local.table_names : name => { "${upper(name)}_TABLE" = full } }
  table_resources = merge(
    { for name, arn in local.table_arns : "${name}_table" => { arn = arn, environment = local.table_environments[name] } },
    [for name, table in local.tables : {
      for index in keys(table.indexes) : "${name}_${replace(index, "-", "_")}_index" => {
        arn         = "${local.table_arns[name]}/index/${index}"
        environment = local.table_environments[name]
      }
    }]...
  )
}

resource "aws_dynamodb_table" "this" {
  for_each = local.tables

  name         = local.table_names[each.key]
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = each.value.hash_key
  range_key    = try(each.value.range_key, null)

  stream_enabled   = each.value.streamed
  stream_view_type = each.value.streamed ? "NEW_AND_OLD_IMAGES" : null

  deletion_protection_enabled = local.protect_data

  dynamic "attribute" {
    for_each = toset(concat(
      compact([each.value.hash_key, try(each.value.range_key, null)]),
      flatten([for index in values(each.value.indexes) : [index.hash_key, index.range_key]]),
    ))

    content {
      name = attribute.value
      type = "S"
    }
  }

  dynamic "global_secondary_index" {
    for_each = each.value.indexes

    content {
      name            = global_secondary_index.key
      hash_key        = global_secondary_index.value.hash_key
      range_key       = global_secondary_index.value.range_key
      projection_type = "ALL"
    }
  }

  ttl {
    attribute_name = "expiresAt"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.this.arn
  }
}
