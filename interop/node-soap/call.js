// Calls ports that are served, by the contracts that they publish: node call.js <list>
// The list has a line for each port: `wsdl:port`, URL. What is not as it should be ends the program.
'use strict';

const assert = require('assert');
const fs = require('fs');
const path = require('path');
const soap = require(path.join(__dirname, 'target', 'node_modules', 'soap'));

const USER = '1001';
const PASSWORD = 'sys<&>"\'tem æ';
const TEXT = 'served: <&> æøå';

async function weather(url) {
  const client = await soap.createClientAsync(`${url}?wsdl`);
  const wind = [{ from: 'north', strong: true }, { from: 'south', strong: false }];
  const [told] = await client.tellAsync({ report: { place: 'Værøy', degrees: -3, wind }, quarter: 'south', days: 3 });
  // Inside the parts of an rpc message node-soap reads texts.
  const text = wind.map(({ from, strong }) => ({ from, strong: String(strong) }));
  assert.deepStrictEqual(JSON.parse(JSON.stringify(told)), { report: { place: 'Værøy', degrees: '-3', wind: text }, quarter: 'south', days: 3 });
  assert.deepStrictEqual((await client.sayAsync({ word: 'a < b' }))[0], { word: 'a < b' });
  // As a client it refuses rpc messages without parts.
  return 2;
}

async function basic(url) {
  const client = await soap.createClientAsync(`${url}?wsdl`);
  const call = (password, ReceiptId) => client.GetReceiptBasicV2Async({ systemUserName: USER, systemPassword: password, receipt: { ReceiptId } });
  const [{ GetReceiptBasicV2Result: receipt }] = await call(PASSWORD, 17);
  assert.deepStrictEqual([Number(receipt.ReceiptId), receipt.ReceiptText], [17, TEXT]);
  await assert.rejects(call('wrong', 17), /who is that/);
  await assert.rejects(call(PASSWORD, 30008), (error) => Number(error.root.Envelope.Body.Fault.detail.AltinnFault.ErrorID) === 30008);
  return 3;
}

async function main() {
  const lines = fs.readFileSync(process.argv[2], 'utf8').trim().split('\n');
  const ports = Object.fromEntries(lines.map((line) => line.split(' ')));
  const count = await weather(ports.WeatherPort) + await basic(ports.BasicHttpBinding_IReceiptExternalBasic);
  console.log(`node-soap: ${count} calls`);
}

main().catch((error) => { console.error(error); process.exit(1); });
