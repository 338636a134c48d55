/* A client that keeps nothing, for the bench: uploads octets out of one buffer, and counts those of a download. */

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "soapH.h"
#include "BasicHttpBinding_USCOREIBrokerServiceExternalBasicStreamed.nsmap"

static uint64_t done, total;

static void *give_open(struct soap *soap, void *handle, const char *id, const char *type, const char *description)
{
    (void)soap, (void)id, (void)type, (void)description;
    return handle;
}

static size_t give(struct soap *soap, void *handle, char *octets, size_t length)
{
    (void)soap, (void)handle;
    if (length > total - done) {
        length = (size_t)(total - done);
    }
    memset(octets, 0xA5, length);
    done += length;
    return length;
}

static void *take_open(struct soap *soap, void *handle, const char *id, const char *type, const char *description,
                       enum soap_mime_encoding encoding)
{
    (void)soap, (void)id, (void)type, (void)description, (void)encoding;
    return handle ? handle : &done;
}

static int take(struct soap *soap, void *handle, const char *octets, size_t length)
{
    (void)soap, (void)handle, (void)octets;
    done += length;
    return SOAP_OK;
}

static void closed(struct soap *soap, void *handle)
{
    (void)soap, (void)handle;
}

static int upload(struct soap *soap, const char *url)
{
    struct _broker__StreamedPayloadBasicBE request;
    struct _broker__ReceiptExternalStreamedBE response;
    struct SOAP_ENV__Header header;
    memset(&request, 0, sizeof request);
    memset(&header, 0, sizeof header);
    header.broker__FileName = "a.zip";
    header.broker__Reference = "r";
    header.broker__Reportee = "1";
    header.broker__SystemUserName = "1001";
    header.broker__SystemPassword = "sys<tem";
    soap->header = &header;
    request.DataStream.__ptr = (void *)&total; /* not read: `give` makes the octets */
    request.DataStream.__size = (int)total;
    request.DataStream.type = "application/octet-stream";
    return soap_call___broker__UploadFileStreamedBasic(soap, url, NULL, &request, &response);
}

static int download(struct soap *soap, const char *url)
{
    struct _broker__DownloadFileStreamedBasic request;
    struct _broker__DownloadFileStreamedBasicResponse response;
    char reference[24];
    memset(&request, 0, sizeof request);
    sprintf(reference, "%" PRIu64, total);
    request.systemUserName = "1001";
    request.systemPassword = "sys<tem";
    request.fileReference = reference;
    request.reportee = "1";
    return soap_call___broker__DownloadFileStreamedBasic(soap, url, NULL, &request, &response);
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double on_processor(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* In KiB. What getrusage tells begins with the memory of the parent. */
static long most_memory(void)
{
    char line[128];
    long most = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        sscanf(line, "VmHWM: %ld", &most);
    }
    if (status != NULL) {
        fclose(status);
    }
    return most;
}

/* client <url> <up|down> <octets> <calls>: a line for each call, its seconds by the clock and on the processor, and at
   the end the most memory in KiB. CA_FILE names the root of an https server. */
int main(int count, char **arguments)
{
    int up = count == 5 && !strcmp(arguments[2], "up");
    total = count == 5 ? strtoull(arguments[3], NULL, 10) : 0;
    /* The size of a part is an int. Only chunked could more be sent. */
    if (count != 5 || (!up && strcmp(arguments[2], "down")) || (up && total > INT_MAX)) {
        fprintf(stderr, "usage: client <url> <up|down> <octets, up less than 2 GiB> <calls>\n");
        return 2;
    }
    soap_ssl_init();
    struct soap *soap = soap_new1(SOAP_ENC_MTOM | SOAP_IO_KEEPALIVE);
    soap->max_keep_alive = 0; /* no limit */
    soap->tcp_keep_alive = 1;
    soap->sndbuf = soap->rcvbuf = 0; /* the system's, which grow: gSOAP's 64 KiB halve an upload's speed */
    soap->recv_maxlength = 0;        /* no limit */
    soap->fmimereadopen = give_open;
    soap->fmimeread = give;
    soap->fmimereadclose = closed;
    soap->fmimewriteopen = take_open;
    soap->fmimewrite = take;
    soap->fmimewriteclose = closed;
    if (getenv("CA_FILE") != NULL
        && soap_ssl_client_context(soap, SOAP_SSL_DEFAULT, NULL, NULL, getenv("CA_FILE"), NULL, NULL) != SOAP_OK) {
        soap_print_fault(soap, stderr);
        return 1;
    }
    for (int call = 0; call < atoi(arguments[4]); call++) {
        double start = now(), cpu = on_processor();
        done = 0;
        if ((up ? upload : download)(soap, arguments[1]) != SOAP_OK || done != total) {
            soap_print_fault(soap, stderr);
            fprintf(stderr, "%" PRIu64 " of %" PRIu64 " octets\n", done, total);
            return 1;
        }
        printf("%f %f\n", now() - start, on_processor() - cpu);
        soap->header = NULL;
        soap_destroy(soap);
        soap_end(soap);
    }
    printf("%ld\n", most_memory());
    soap_free(soap);
    return 0;
}
