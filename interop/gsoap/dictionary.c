/* Three operations of one name, told apart by the element in the body. Each sends back what it was asked. */

#include "Dictionary.nsmap"
#include "serve.h"
#include "soapH.h"

#define ECHO(operation, type)                                                                                          \
    int operation(struct soap *soap, struct type *request, struct type *response)                                      \
    {                                                                                                                  \
        (void)soap;                                                                                                    \
        *response = *request;                                                                                          \
        return SOAP_OK;                                                                                                \
    }

ECHO(__w__find, w__ByWord)
ECHO(__w__find_, w__ByNumber)
ECHO(__w__find__, w__ByPlace)

int main(void)
{
    struct soap *soap = soap_new1(SOAP_IO_KEEPALIVE | SOAP_C_UTFSTRING | SOAP_XML_STRICT);
    soap->max_keep_alive = 1000000;
    return serve(soap, "DictionaryPort");
}
