/* Calls a served port with WS-Addressing, Timestamp and UsernameToken: call_ws <url>. */

#include "CustomBinding_USCOREIReceiptExternal.nsmap"
#include "call.h"
#include "soapH.h"
#include "wsaapi.h"
#include "wsseapi.h"

#define ACTION "http://www.altinn.no/services/Intermediary/Receipt/2009/10/IReceiptExternal/GetReceiptV2"

static int get(struct soap *soap, const char *url, const char *password, int id,
               struct _receipt__GetReceiptV2Response *response)
{
    struct entity__ReceiptSearch search;
    struct _receipt__GetReceiptV2 request = {&search};
    soap_default_entity__ReceiptSearch(soap, &search);
    search.ReceiptId = &id;
    soap_wsse_delete_Security(soap);
    CHECK(soap_wsa_request(soap, NULL, url, ACTION) == SOAP_OK);
    CHECK(soap_wsse_add_Timestamp(soap, "Time", 300) == SOAP_OK);
    CHECK(soap_wsse_add_UsernameTokenText(soap, "User", USER, password) == SOAP_OK);
    return soap_call___receipt__GetReceiptV2(soap, url, ACTION, &request, response);
}

/* WS-Addressing makes faults an operation of their own; nobody sends one here. */
int SOAP_ENV__Fault(struct soap *soap, char *faultcode, char *faultstring, char *faultactor, struct SOAP_ENV__Detail *detail,
                    struct SOAP_ENV__Code *code, struct SOAP_ENV__Reason *reason, char *node, char *role,
                    struct SOAP_ENV__Detail *detail12)
{
    (void)faultcode, (void)faultstring, (void)faultactor, (void)detail, (void)code, (void)reason, (void)node, (void)role,
        (void)detail12;
    return soap->error = SOAP_NO_METHOD;
}

int main(int count, char **arguments)
{
    struct soap *soap = soap_new1(SOAP_IO_KEEPALIVE | SOAP_C_UTFSTRING);
    const char *url = arguments[1];
    CHECK(count == 2);
    soap_register_plugin(soap, soap_wsa);
    soap_register_plugin(soap, soap_wsse);

    struct _receipt__GetReceiptV2Response response;
    CHECK(get(soap, url, PASSWORD, 17, &response) == SOAP_OK);
    CHECK(soap_wsa_check(soap) == SOAP_OK && soap_wsse_verify_Timestamp(soap) == SOAP_OK);
    CHECK(*response.GetReceiptV2Result->ReceiptId == 17 && strcmp(response.GetReceiptV2Result->ReceiptText, TEXT) == 0);

    CHECK(get(soap, url, "wrong", 17, &response) != SOAP_OK);
    CHECK(strstr(soap_fault_subcode(soap), "FailedAuthentication") != NULL);

    CHECK(get(soap, url, PASSWORD, NONE, &response) != SOAP_OK);
    struct SOAP_ENV__Detail *detail = soap->fault ? soap->fault->SOAP_ENV__Detail : NULL;
    CHECK(detail != NULL && detail->ns1__AltinnFault_ != NULL && *detail->ns1__AltinnFault_->ErrorID == NONE);
    printf("gSOAP: 3 calls\n");
    return 0;
}
