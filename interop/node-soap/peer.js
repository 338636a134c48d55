// Serves every port of the WSDLs given with node-soap. A reply is what node-soap made of the request.
'use strict';

const fs = require('fs');
const http = require('http');
const path = require('path');
// What npm installs lies in target/, as everything does that is not source.
const soap = require(path.join(__dirname, 'target', 'node_modules', 'soap'));

function serve(file, done) {
  const text = fs.readFileSync(file, 'utf8');
  const wsdl = new soap.WSDL(text, file, {});
  wsdl.onReady((error) => {
    if (error) throw error;
    const services = {};
    const names = [];
    for (const [serviceName, service] of Object.entries(wsdl.definitions.services)) {
      services[serviceName] = {};
      for (const [portName, port] of Object.entries(service.ports)) {
        // Left to itself, node-soap puts the parts of an rpc reply into the namespace of the contract, where WS-I has none.
        const bare = (args) => ({ $xml: wsdl.objectToXML(args ?? {}, null, '', '') });
        const echo = port.binding.style === 'rpc' ? bare : (args) => args;
        services[serviceName][portName] = Object.fromEntries(Object.keys(port.binding.methods).map((name) => [name, echo]));
        names.push([portName, new URL(port.location).pathname]);
      }
    }
    const server = http.createServer((request, response) => { response.writeHead(404).end(); });
    server.listen(0, '127.0.0.1', () => {
      for (const [portName, pathname] of names) {
        soap.listen(server, { path: pathname, services, xml: text, suppressStack: true });
        console.log(`READY ${portName} http://127.0.0.1:${server.address().port}${pathname}`);
      }
      done();
    });
  });
}

let waiting = process.argv.length - 2;
process.argv.slice(2).forEach((file) => serve(file, () => {
  waiting -= 1;
  if (waiting === 0) console.log('SERVING');
}));
process.stdin.on('end', () => process.exit(0));
process.stdin.resume();
