/* A register of VAT numbers, with one trader in it. */

#include "serve.h"
#include "soapH.h"
#include "vatBinding.nsmap"

#define NUMBER "123456785"
#define NAME "\xc3\x86rlig & s\xc3\xb8nn"

int __vats__check(struct soap *soap, struct _vat__check *request, struct _vat__checkResponse *response)
{
    if (strcmp(request->countryCode, "NO") != 0) {
        return soap_sender_fault(soap, "INVALID_INPUT", NULL);
    }
    response->countryCode = request->countryCode;
    response->number = request->number;
    response->requestDate = "2026-02-28";
    response->valid = strcmp(request->number, NUMBER) == 0 ? xsd__boolean__true_ : xsd__boolean__false_;
    if (response->valid) {
        response->name = NAME;
        response->address = "Gata 1\n0001 Oslo";
    }
    return SOAP_OK;
}

int __vats__match(struct soap *soap, struct _vat__match *request, struct _vat__matchResponse *response)
{
    response->valid = xsd__boolean__true_;
    if (request->traderName != NULL) {
        response->traderNameMatch = soap_malloc(soap, sizeof *response->traderNameMatch);
        *response->traderNameMatch = strcmp(request->traderName, NAME) == 0 ? vat__matching__1 : vat__matching__2;
    }
    response->__sizeshares = request->__sizeshares;
    response->shares = request->shares;
    response->requestIdentifier = "1";
    return SOAP_OK;
}

int main(void)
{
    struct soap *soap = soap_new1(SOAP_IO_KEEPALIVE | SOAP_C_UTFSTRING | SOAP_XML_STRICT);
    soap->max_keep_alive = 1000000;
    return serve(soap, "vatPort");
}
