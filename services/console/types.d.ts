// What the page has beside the API's own types, which are those of clients/typescript.

import type { ApprovalRequest, Status } from "../../clients/typescript/task-manager";

export type Decision = ApprovalRequest["decision"];

/** The rules of the domain, which the build writes into the page. */
export interface Rules {
  statuses: Status[];
  moves: Record<Status, { approved: Status[]; otherwise: Status[] }>;
  limits: Record<"title" | "description", number>;
}
