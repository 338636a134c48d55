/* A camera: what is set comes back in the reply. */

#include "DeviceBinding.nsmap"
#include "serve.h"
#include "soapH.h"

int __tds__GetDeviceInformation(struct soap *soap, struct _tds__GetDeviceInformation *request,
                                struct _tds__GetDeviceInformationResponse *response)
{
    (void)soap, (void)request;
    response->Manufacturer = "Kj\xc3\xa6reste & <s\xc3\xb8nn>";
    response->Model = "K-2";
    response->SerialNumber = "0017";
    return SOAP_OK;
}

int __tds__SetSystemDateAndTime(struct soap *soap, struct _tds__SetSystemDateAndTime *request,
                                struct _tds__SetSystemDateAndTimeResponse *response)
{
    (void)soap;
    response->SystemDateAndTime = request->SystemDateAndTime;
    return SOAP_OK;
}

int __tds__CreateUsers(struct soap *soap, struct _tds__CreateUsers *request, struct _tds__CreateUsersResponse *response)
{
    (void)soap;
    response->__sizeUser = request->__sizeUser;
    response->User = request->User;
    return SOAP_OK;
}

int __tds__SetProfile(struct soap *soap, struct _tds__SetProfile *request, struct _tds__SetProfileResponse *response)
{
    (void)soap;
    response->Profile = request->Profile;
    return SOAP_OK;
}

int main(void)
{
    struct soap *soap = soap_new1(SOAP_IO_KEEPALIVE | SOAP_C_UTFSTRING | SOAP_XML_STRICT);
    soap->max_keep_alive = 1000000;
    return serve(soap, "DeviceBinding");
}
