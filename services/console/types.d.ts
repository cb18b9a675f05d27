// What the page has beside the API's own types, which are those of clients/typescript.

import type { ApprovalRequest, FeedEntry, Status } from "../../clients/typescript/task-manager";

export type Decision = ApprovalRequest["decision"];

/** An event of another entity than a task: the API has such once `make add-table` has added one. */
export interface EntityEntry extends Omit<FeedEntry, "taskId" | "priority" | "status" | "previousStatus"> {
  entity: string;
}
export type Entry = FeedEntry | EntityEntry;

/** The rules of the domain, which the build writes into the page. */
export interface Rules {
  statuses: Status[];
  moves: Record<Status, { approved: Status[]; otherwise: Status[] }>;
  limits: Record<"title" | "description", number>;
}
