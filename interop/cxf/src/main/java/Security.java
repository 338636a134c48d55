import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.xml.namespace.QName;
import org.apache.cxf.configuration.jsse.TLSServerParameters;
import org.apache.cxf.configuration.security.ClientAuthentication;
import org.apache.cxf.message.Message;
import org.apache.cxf.phase.PhaseInterceptorChain;
import org.apache.cxf.rt.security.SecurityConstants;
import org.apache.cxf.ws.security.tokenstore.MemoryTokenStore;
import org.apache.cxf.ws.security.tokenstore.SecurityToken;
import org.apache.cxf.ws.security.tokenstore.TokenStore;
import org.apache.wss4j.common.cache.MemoryReplayCache;
import org.apache.wss4j.common.crypto.Merlin;
import org.apache.wss4j.common.ext.WSPasswordCallback;
import org.apache.wss4j.common.ext.WSSecurityException;
import org.apache.wss4j.dom.handler.RequestData;
import org.apache.wss4j.dom.validate.Credential;
import org.apache.wss4j.dom.validate.Validator;

/** TLS, whom to trust, and the tokens that were issued. */
final class Security {
    static final String USER = "1001";
    static final String PASSWORD = "sys<tem";
    private static final Duration LIFETIME = Duration.ofHours(1);
    private static final QName BAD_CONTEXT_TOKEN = new QName("http://schemas.xmlsoap.org/ws/2005/02/sc", "BadContextToken");
    private static final char[] STORE = "changeit".toCharArray(); // of a store that is gone with this process

    /** The root of the server's certificate, for clients. */
    final Path root;
    private final Path store;
    private final Merlin trusted = new Merlin();
    private final KeyStore clients;

    /** @param client the certificate that may ask for tokens, PEM */
    Security(Path folder, Path client) throws IOException, InterruptedException, GeneralSecurityException, WSSecurityException {
        store = folder.resolve("tls.p12");
        root = folder.resolve("root.pem");
        keytool("-genkeypair", "-alias", "root", "-dname", "CN=peer root", "-ext", "bc:c=ca:true");
        keytool("-genkeypair", "-alias", "server", "-dname", "CN=peer", "-signer", "root", "-ext", "san=ip:127.0.0.1,dns:localhost");
        keytool("-exportcert", "-rfc", "-alias", "root", "-file", root.toString());
        clients = KeyStore.getInstance("PKCS12");
        clients.load(null, null);
        try (InputStream pem = Files.newInputStream(client)) {
            clients.setCertificateEntry("client", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        trusted.setTrustStore(clients);
    }

    private void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        line.addAll(List.of(arguments));
        line.addAll(List.of("-keystore", store.toString(), "-storepass", new String(STORE)));
        if (arguments[0].equals("-genkeypair")) {
            line.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2"));
        }
        Process keytool = new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool " + arguments[0]);
        }
    }

    TLSServerParameters tls() throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance(store.toFile(), STORE);
        keys.deleteEntry("root");
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, STORE);
        TLSServerParameters parameters = new TLSServerParameters();
        parameters.setKeyManagers(managers.getKeyManagers());
        return parameters;
    }

    /** The same, for callers with the certificate that is trusted. */
    TLSServerParameters mutualTls() throws IOException, GeneralSecurityException {
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(clients);
        ClientAuthentication required = new ClientAuthentication();
        required.setRequired(true);
        TLSServerParameters parameters = tls();
        parameters.setTrustManagers(managers.getTrustManagers());
        parameters.setClientAuthentication(required);
        return parameters;
    }

    /** What CXF has to know at one endpoint. */
    Map<String, Object> properties() {
        MemoryTokenStore tokens = new MemoryTokenStore();
        tokens.setTTL(LIFETIME.toSeconds());
        return Map.of(
            SecurityConstants.CALLBACK_HANDLER, (CallbackHandler) Security::password,
            SecurityConstants.SIGNATURE_CRYPTO, trusted,
            org.apache.cxf.ws.security.SecurityConstants.SECURITY_TOKEN_LIFETIME, String.valueOf(LIFETIME.toMillis()),
            org.apache.cxf.ws.security.SecurityConstants.EXPAND_XOP_INCLUDE, "false", // nothing signed is in a part: no look at streams
            org.apache.cxf.ws.security.SecurityConstants.RETURN_SECURITY_ERROR, "true", // the error's own code in the fault
            // CXF's own are files, which it leaves behind.
            org.apache.cxf.ws.security.SecurityConstants.TIMESTAMP_CACHE_INSTANCE, new MemoryReplayCache(),
            org.apache.cxf.ws.security.SecurityConstants.NONCE_CACHE_INSTANCE, new MemoryReplayCache(),
            org.apache.cxf.ws.security.SecurityConstants.TOKEN_STORE_CACHE_INSTANCE, tokens,
            org.apache.cxf.ws.security.SecurityConstants.SCT_TOKEN_VALIDATOR, (Validator) Security::key);
    }

    private static void password(Callback[] callbacks) {
        for (Callback callback : callbacks) {
            if (callback instanceof WSPasswordCallback asked && USER.equals(asked.getIdentifier())) {
                asked.setPassword(PASSWORD);
            }
        }
    }

    /** The key of a token. CXF's own answer to an unknown and to an old one is FailedCheck; these are those of WCF. */
    private static Credential key(Credential credential, RequestData data) throws WSSecurityException {
        SecurityToken token = tokens((Message) data.getMsgContext()).getToken(credential.getSecurityContextToken().getIdentifier());
        if (token == null) {
            throw new WSSecurityException(WSSecurityException.ErrorCode.FAILURE) {
                @Override
                public QName getFaultCode() {
                    return BAD_CONTEXT_TOKEN;
                }
            };
        } else if (token.isExpired()) {
            throw new WSSecurityException(WSSecurityException.ErrorCode.INVALID_SECURITY);
        }
        credential.setSecretKey(token.getSecret());
        return credential;
    }

    /** Makes the token of the call that is being answered unknown, or old. */
    static void end(boolean forgotten) {
        Message message = PhaseInterceptorChain.getCurrentMessage();
        TokenStore tokens = tokens(message);
        String id = (String) message.getExchange().get(org.apache.cxf.ws.security.SecurityConstants.TOKEN_ID);
        if (forgotten) {
            tokens.remove(id);
        } else {
            tokens.getToken(id).setExpires(Instant.EPOCH);
        }
    }

    private static TokenStore tokens(Message message) {
        return (TokenStore) message.getContextualProperty(org.apache.cxf.ws.security.SecurityConstants.TOKEN_STORE_CACHE_INSTANCE);
    }
}
