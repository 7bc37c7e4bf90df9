import type { Request, Route } from "./http.ts";
import { fieldsOf, knownQuery, numberField } from "./input.ts";
import { ok } from "./reply.ts";
import { patience, untilSo } from "./until-so.ts";

/** Half of what the topic `market-regime` keeps: an older message would be deleted at once. */
const oldest = 43_200;

/** `GET /admin/settled?within=5s`: answers when nothing is on its way any more; `missing` says what is. */
export function settledRoute(
  missing: () => Promise<readonly string[]>,
  say: () => Promise<object> | object = () => ({}),
): Route {
  return {
    method: "GET",
    path: "/admin/settled",
    async handle({ query }) {
      knownQuery(query, ["within"]);
      await untilSo(missing, patience(query.get("within")));
      return ok({ settled: true, ...(await say()) });
    },
  };
}

/** `POST /admin/age` `{seconds}`: what is stored becomes so much older, as if that time had passed. */
export function ageRoute(age: (seconds: number) => Promise<void> | void): Route {
  return {
    method: "POST",
    path: "/admin/age",
    async handle({ headers, body }: Request) {
      const fields = fieldsOf(headers["content-type"], body, ["seconds"]);
      const seconds = numberField(fields, "seconds", 0, oldest);
      await age(seconds);
      return ok({ aged: seconds });
    },
  };
}
