/* A file service that keeps nothing: an upload is counted and hashed, a download is made up. Both as streams. */

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "soapH.h"
#include "BasicHttpBinding_USCOREIBrokerServiceExternalBasicStreamed.nsmap"
#include "serve.h"

/* What one connection is taking or giving. */
struct transfer {
    uint64_t done;
    uint64_t total;
    EVP_MD_CTX *hash;
};

/* Octet n of every download. */
static unsigned char octet(uint64_t n)
{
    return (unsigned char)(n ^ n >> 8 ^ n >> 16);
}

static void *take_open(struct soap *soap, void *handle, const char *id, const char *type, const char *description,
                       enum soap_mime_encoding encoding)
{
    (void)handle, (void)id, (void)type, (void)description, (void)encoding;
    struct transfer *transfer = soap_malloc(soap, sizeof *transfer);
    transfer->done = 0;
    transfer->hash = EVP_MD_CTX_new();
    EVP_DigestInit_ex(transfer->hash, EVP_sha256(), NULL);
    return transfer;
}

static int take(struct soap *soap, void *handle, const char *octets, size_t length)
{
    (void)soap;
    struct transfer *transfer = handle;
    transfer->done += length;
    EVP_DigestUpdate(transfer->hash, octets, length);
    return SOAP_OK;
}

static void take_close(struct soap *soap, void *handle)
{
    (void)soap, (void)handle; /* the operation reads it */
}

static void *give_open(struct soap *soap, void *handle, const char *id, const char *type, const char *description)
{
    (void)soap, (void)id, (void)type, (void)description;
    return handle;
}

static size_t give(struct soap *soap, void *handle, char *octets, size_t length)
{
    (void)soap;
    struct transfer *transfer = handle;
    if (length > transfer->total - transfer->done) {
        length = (size_t)(transfer->total - transfer->done);
    }
    for (size_t i = 0; i < length; i++) {
        octets[i] = (char)octet(transfer->done + i);
    }
    transfer->done += length;
    return length;
}

static void give_close(struct soap *soap, void *handle)
{
    (void)soap, (void)handle;
}

static int known(const char *user, const char *password)
{
    return user != NULL && password != NULL && !strcmp(user, "1001") && !strcmp(password, "sys<tem");
}

int __broker__Test(struct soap *soap, struct _base__Test *request, struct _base__TestResponse *response)
{
    (void)soap, (void)request, (void)response;
    return SOAP_OK;
}

/* Answers with "octets, SHA-256" as the text and the headers as the history of the receipt. */
int __broker__UploadFileStreamedBasic(struct soap *soap, struct _broker__StreamedPayloadBasicBE *request,
                                      struct _broker__ReceiptExternalStreamedBE *response)
{
    struct SOAP_ENV__Header *header = soap->header;
    if (header == NULL || !known(header->broker__SystemUserName, header->broker__SystemPassword)) {
        return soap_sender_fault(soap, "no such user", NULL);
    }
    if (request->DataStream.id == NULL) {
        return soap_sender_fault(soap, "the file is not a part", NULL);
    }
    struct transfer *transfer = (void *)request->DataStream.__ptr; /* what take_open gave */
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    EVP_DigestFinal_ex(transfer->hash, hash, &length);
    EVP_MD_CTX_free(transfer->hash);
    char *text = soap_malloc(soap, 128);
    int at = sprintf(text, "%" PRIu64 ", ", transfer->done);
    for (unsigned int i = 0; i < length; i++) {
        at += sprintf(text + at, "%02x", hash[i]);
    }
    response->ReceiptText = text;
    const char *parts[] = {header->broker__FileName, header->broker__Reference, header->broker__Reportee};
    size_t room = 3;
    for (int i = 0; i < 3; i++) {
        room += parts[i] ? strlen(parts[i]) : 0;
    }
    response->ReceiptHistory = soap_malloc(soap, room);
    snprintf(response->ReceiptHistory, room, "%s|%s|%s", parts[0], parts[1], parts[2]);
    soap->header = NULL;
    return SOAP_OK;
}

/* The reference says how much: "767", or "chunked 767" for a length that is not told. */
int __broker__DownloadFileStreamedBasic(struct soap *soap, struct _broker__DownloadFileStreamedBasic *request,
                                        struct _broker__DownloadFileStreamedBasicResponse *response)
{
    if (!known(request->systemUserName, request->systemPassword)) {
        return soap_sender_fault(soap, "no such user", NULL);
    }
    const char *reference = request->fileReference;
    int told = strncmp(reference, "chunked ", 8) != 0;
    struct transfer *transfer = soap_malloc(soap, sizeof *transfer);
    transfer->done = 0;
    transfer->total = strtoull(told ? reference : reference + 8, NULL, 10);
    response->DownloadFileStreamedBasicResult.__ptr = (void *)transfer;
    response->DownloadFileStreamedBasicResult.__size = told ? (int)transfer->total : 0;
    response->DownloadFileStreamedBasicResult.type = "application/octet-stream";
    if (!told) {
        soap_set_omode(soap, SOAP_IO_CHUNK);
    }
    return SOAP_OK;
}

int main(void)
{
    struct soap *soap = soap_new1(SOAP_ENC_MTOM | SOAP_IO_KEEPALIVE);
    soap->max_keep_alive = 1000000;
    soap->fmimewriteopen = take_open;
    soap->fmimewrite = take;
    soap->fmimewriteclose = take_close;
    soap->fmimereadopen = give_open;
    soap->fmimeread = give;
    soap->fmimereadclose = give_close;
    return serve(soap, "BasicHttpBinding_IBrokerServiceExternalBasicStreamed");
}
