/** `/external-subjects`: people who came with a token of the external issuer. */
import * as z from "zod/mini";
import { err, ok } from "#shared/result.ts";
import type { SubjectRow } from "../external/team-rpc.ts";
import {
  isoTime,
  nothing,
  NOTHING,
  route,
  teamId,
  teamQuery,
  time,
  whenEffective,
} from "./route.ts";

const subjectSchema = z.object({
  id: z.string().check(z.describe("SHA-256 of issuer and subject")),
  subject: z.string(),
  first_used_at: time,
  blocked: z.boolean(),
});

export const externalSubjectRoutes = [
  route({
    method: "get",
    path: "/external-subjects",
    summary: "People who came by a token of the external issuer",
    needs: "aimdb:admin",
    body: nothing,
    query: teamQuery,
    status: 200,
    answer: z.object({ external_subjects: z.array(subjectSchema) }),
    errors: [404],
    async run({ team }) {
      return ok({ external_subjects: (await team.externalSubjects()).map(toSubject) });
    },
  }),
  route({
    method: "patch",
    path: "/external-subjects/:id",
    action: "external_subject.change",
    summary: "Turn somebody away, or let them in again, whatever token they bring",
    needs: "aimdb:admin",
    body: z.strictObject({ team: z.optional(teamId), blocked: z.boolean() }),
    query: teamQuery,
    status: 204,
    takesEffect: true,
    answer: null,
    errors: [404],
    async run({ team, target, body, nowMs }) {
      const effect = await team.blockSubject(target, body.blocked ? nowMs : null);
      return effect === null ? err(NOTHING) : ok(whenEffective(effect));
    },
  }),
];

function toSubject({ id, subject, firstUsedAtMs, isBlocked }: SubjectRow) {
  return { id, subject, first_used_at: isoTime(firstUsedAtMs), blocked: isBlocked };
}
