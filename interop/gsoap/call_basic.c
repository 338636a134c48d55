/* Calls a served port of SOAP 1.1, with credentials in the body: call_basic <url>. */

#include "BasicHttpBinding_USCOREIReceiptExternalBasic.nsmap"
#include "call.h"
#include "soapH.h"

#define ACTION "http://www.altinn.no/services/Intermediary/Receipt/2009/10/IReceiptExternalBasic/"

static int get(struct soap *soap, const char *url, const char *password, int id,
               struct _receipt__GetReceiptBasicV2Response *response)
{
    struct entity__ReceiptSearch search;
    struct _receipt__GetReceiptBasicV2 request = {USER, (char *)password, &search};
    soap_default_entity__ReceiptSearch(soap, &search);
    search.ReceiptId = &id;
    return soap_call___receipt__GetReceiptBasicV2(soap, url, ACTION "GetReceiptBasicV2", &request, response);
}

int main(int count, char **arguments)
{
    struct soap *soap = soap_new1(SOAP_IO_KEEPALIVE | SOAP_C_UTFSTRING | SOAP_XML_STRICT);
    const char *url = arguments[1];
    CHECK(count == 2);

    struct _receipt__GetReceiptBasicV2Response response;
    CHECK(get(soap, url, PASSWORD, 17, &response) == SOAP_OK);
    CHECK(*response.GetReceiptBasicV2Result->ReceiptId == 17);
    CHECK(strcmp(response.GetReceiptBasicV2Result->ReceiptText, TEXT) == 0);

    CHECK(get(soap, url, "wrong", 17, &response) == SOAP_CLI_FAULT || soap->error == SOAP_FAULT);
    CHECK(strcmp(*soap_faultstring(soap), "who is that?") == 0);

    CHECK(get(soap, url, PASSWORD, NONE, &response) != SOAP_OK);
    struct ns1__AltinnFault *fault = soap->fault && soap->fault->detail ? soap->fault->detail->ns1__AltinnFault_ : NULL;
    CHECK(fault != NULL && *fault->ErrorID == NONE && strcmp(fault->AltinnErrorMessage, "no <receipt> found") == 0);

    time_t day = 1770000000;
    struct _receipt__GetReceiptListBasicV2 all = {USER, PASSWORD, entity__ReceiptType__NotSet, &day, &day};
    struct _receipt__GetReceiptListBasicV2Response listed;
    CHECK(soap_call___receipt__GetReceiptListBasicV2(soap, url, ACTION "GetReceiptListBasicV2", &all, &listed) == SOAP_OK);
    CHECK(listed.GetReceiptListBasicV2Result->__sizeReceipt == 3);
    CHECK(*listed.GetReceiptListBasicV2Result->Receipt[2].ReceiptId == 3);
    printf("gSOAP: 4 calls\n");
    return 0;
}
