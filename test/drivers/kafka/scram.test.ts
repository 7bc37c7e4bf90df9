import { expect, test } from "vitest";
import { Scram } from "../../../src/drivers/kafka/scram.ts";

// RFC 7677, section 3.
const nonce = "rOprNGfwEbeRWgbNEkqO";
const whole = `${nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0`;
const first = `r=${whole},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;
const login = (user = "user"): Scram => new Scram("sha256", user, "pencil", nonce);

test("the standard's own exchange", async () => {
  const scram = login();
  expect(scram.first()).toBe(`n,,n=user,r=${nonce}`);
  expect(await scram.final(first)).toBe(`c=biws,r=${whole},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`);
  expect(() => scram.prove("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")).not.toThrow();
});

test.each(["v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", "v=", "", "e=unknown-user"])(
  "a server that says %j does not know the password",
  async (said) => {
    const scram = login();
    await scram.final(first);
    expect(() => scram.prove(said)).toThrow("it could not prove that it knows the password");
  },
);

test("what separates attributes is escaped in a name", () => {
  expect(login("a=b,c").first()).toBe(`n,,n=a=3Db=2Cc,r=${nonce}`);
});

test.each([
  [`r=${nonce},s=AA==,i=4096`, "its nonce is not ours"],
  ["r=another,s=AA==,i=4096", "its nonce is not ours"],
  [`r=${whole},s=AA==,i=4095`, "it asks for 4095 rounds"],
  [`r=${whole},s=AA==,i=4000000000`, "it asks for 4000000000 rounds"],
  [`r=${whole},s=AA==`, "it asks for  rounds"],
  ["", "its nonce is not ours"],
])("%j is no first message", async (said, says) => {
  await expect(login().final(said)).rejects.toThrow(says);
});
