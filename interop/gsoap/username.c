/* A service that asks for WS-Addressing, a Timestamp and a UsernameToken, all checked by gSOAP's plugins. */

#include "CustomBinding_USCOREIReceiptExternal.nsmap"
#include "serve.h"
#include "soapH.h"
#include "wsaapi.h"
#include "wsseapi.h"

#define USER "1001"
#define PASSWORD "sys<&>\"'tem \xc3\xa6"
#define ACTION "http://www.altinn.no/services/Intermediary/Receipt/2009/10/IReceiptExternal/"

/* Lets a request in, and makes the headers of its reply. */
static int enter(struct soap *soap, const char *reply_action)
{
    if (soap_wsa_check(soap) || soap_wsse_verify_Timestamp(soap)) {
        return soap->error;
    }
    const char *user = soap_wsse_get_Username(soap);
    if (user == NULL) {
        return soap->error;
    }
    if (strcmp(user, USER) != 0) {
        return soap_wsse_fault(soap, wsse__FailedAuthentication, "no such user");
    }
    if (soap_wsse_verify_Password(soap, PASSWORD)) {
        return soap->error;
    }
    soap_wsse_delete_Security(soap);
    return soap_wsa_reply(soap, NULL, reply_action) || soap_wsse_add_Timestamp(soap, "Time", 300) ? soap->error : SOAP_OK;
}

int __receipt__Test(struct soap *soap, struct _base__Test *request, struct _base__TestResponse *response)
{
    (void)request, (void)response;
    return enter(soap, "http://www.altinn.no/services/2009/10/IAltinnContractBase/TestResponse");
}

/* The receipt of that number. */
int __receipt__GetReceiptV2(struct soap *soap, struct _receipt__GetReceiptV2 *request,
                            struct _receipt__GetReceiptV2Response *response)
{
    if (enter(soap, ACTION "GetReceiptV2Response")) {
        return soap->error;
    }
    struct entity__Receipt *receipt = soap_new_entity__Receipt(soap, 1);
    receipt->ReceiptId = request->receipt ? request->receipt->ReceiptId : NULL;
    receipt->ReceiptText = "from gSOAP: <&> \xc3\xa6\xc3\xb8\xc3\xa5";
    response->GetReceiptV2Result = receipt;
    return SOAP_OK;
}

#define NOT_HERE(operation)                                                                                            \
    int __receipt__##operation(struct soap *soap, struct _receipt__##operation *request,                              \
                               struct _receipt__##operation##Response *response)                                      \
    {                                                                                                                  \
        (void)request, (void)response;                                                                                 \
        return soap->error = SOAP_NO_METHOD;                                                                           \
    }

NOT_HERE(GetReceipt)
NOT_HERE(GetReceiptList)
NOT_HERE(GetReceiptListV2)
NOT_HERE(SaveReceipt)
NOT_HERE(UpdateReceipt)

/* WS-Addressing makes faults an operation of their own; nobody sends one here. */
int SOAP_ENV__Fault(struct soap *soap, char *faultcode, char *faultstring, char *faultactor, struct SOAP_ENV__Detail *detail,
                    struct SOAP_ENV__Code *code, struct SOAP_ENV__Reason *reason, char *node, char *role,
                    struct SOAP_ENV__Detail *detail12)
{
    (void)faultcode, (void)faultstring, (void)faultactor, (void)detail, (void)code, (void)reason, (void)node, (void)role,
        (void)detail12;
    return soap->error = SOAP_NO_METHOD;
}

int main(void)
{
    struct soap *soap = soap_new1(SOAP_IO_KEEPALIVE | SOAP_C_UTFSTRING);
    soap->max_keep_alive = 1000000;
    soap_register_plugin(soap, soap_wsa);
    soap_register_plugin(soap, soap_wsse);
    return serve(soap, "CustomBinding_IReceiptExternal");
}
