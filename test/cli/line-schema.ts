import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { linesSchema } from "../../src/events/lines-schema.ts";

let ajv: Ajv2020 | undefined;

/** Every line that a test sees is one that is documented, and has no field that is not. */
export function checked<L extends { readonly type: string }>(line: L): L {
  ajv ??= new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).addSchema(
    linesSchema("refused"),
    "lines",
  );
  const validate: ValidateFunction | undefined = ajv.getSchema(`lines#/$defs/${line.type}`);
  if (validate === undefined) throw new Error(`no schema describes a line of type ${line.type}`);
  if (validate(line) === true) return line;
  throw new Error(`${ajv.errorsText(validate.errors)} in\n${JSON.stringify(line, undefined, 2)}`);
}
