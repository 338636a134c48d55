#include "serve.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern int soap_serve(struct soap *);

static void *connection(void *argument)
{
    struct soap *soap = argument;
    pthread_detach(pthread_self());
    soap_serve(soap);
    soap_destroy(soap);
    soap_end(soap);
    soap_free(soap);
    return NULL;
}

static void *connections(void *argument)
{
    struct soap *soap = argument;
    while (soap_valid_socket(soap_accept(soap))) {
        struct soap *own = soap_copy(soap);
        pthread_t thread;
        if (own == NULL || pthread_create(&thread, NULL, connection, own) != 0) {
            fprintf(stderr, "no thread for a connection\n");
            exit(1);
        }
    }
    soap_print_fault(soap, stderr);
    exit(1);
}

int serve(struct soap *soap, const char *port)
{
    soap->recv_timeout = soap->send_timeout = 60;
    soap->bind_flags = SO_REUSEADDR;
    SOAP_SOCKET listening = soap_bind(soap, "127.0.0.1", 0, 64);
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    if (!soap_valid_socket(listening) || getsockname(listening, (struct sockaddr *)&address, &length) != 0) {
        soap_print_fault(soap, stderr);
        return 1;
    }
    pthread_t thread;
    if (pthread_create(&thread, NULL, connections, soap) != 0) {
        return 1;
    }
    printf("READY %s http://127.0.0.1:%d/\nSERVING\n", port, ntohs(address.sin_port));
    fflush(stdout);
    char ignored[64];
    while (read(STDIN_FILENO, ignored, sizeof ignored) > 0) {
        /* until whoever started this closes its end */
    }
    return 0;
}
