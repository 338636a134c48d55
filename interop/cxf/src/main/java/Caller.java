import jakarta.activation.DataHandler;
import jakarta.xml.bind.JAXBElement;
import jakarta.xml.ws.BindingProvider;
import jakarta.xml.ws.Service;
import jakarta.xml.ws.WebEndpoint;
import jakarta.xml.ws.WebServiceClient;
import jakarta.xml.ws.soap.SOAPBinding;
import jakarta.xml.ws.soap.SOAPFaultException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.logging.LogManager;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.xml.namespace.QName;
import org.apache.cxf.configuration.jsse.TLSClientParameters;
import org.apache.cxf.frontend.ClientProxy;
import org.apache.cxf.helpers.FileUtils;
import org.apache.cxf.rt.security.SecurityConstants;
import org.apache.cxf.tools.common.ToolContext;
import org.apache.cxf.tools.wsdlto.WSDLToJava;
import org.apache.cxf.transport.http.HTTPConduit;
import org.apache.wss4j.common.cache.MemoryReplayCache;
import org.apache.wss4j.common.crypto.Merlin;
import org.apache.wss4j.common.ext.WSPasswordCallback;

/**
 * Calls operations of a port that is served elsewhere, in one session: the contract, the address, the root certificate of the
 * server, certificate and key of the caller, and names of operations. It prints a line for each call.
 */
public final class Caller {
    private static final char[] STORE = "changeit".toCharArray(); // of a store that is never written
    /** Octets of a stream that is sent. */
    private static final long LENGTH = 3_000_000;

    private Caller() {
    }

    public static void main(String[] arguments) throws Exception {
        LogManager.getLogManager().reset(); // CXF's log would quote payload
        Path work = Files.createTempDirectory("cxf-caller");
        int status = 1;
        try {
            call(work, arguments);
            status = 0;
        } catch (Exception e) {
            e.printStackTrace();
        } finally {
            FileUtils.removeDir(work.toFile());
        }
        System.exit(status); // CXF's threads would keep it alive
    }

    private static void call(Path work, String[] arguments) throws Exception {
        Contract contract = new Contract.Copier(Files.createDirectory(work.resolve("contracts"))).copy(Path.of(arguments[0]).toAbsolutePath());
        Object port = port(work, contract, arguments[1]);
        secure(port, Path.of(arguments[2]), Path.of(arguments[3]), Path.of(arguments[4]));
        for (int i = 5; i < arguments.length; i++) {
            String name = arguments[i];
            System.out.println(name + ": " + outcome(port, name));
        }
    }

    /** The client that CXF's wsdl2java makes of the contract. */
    private static Object port(Path work, Contract contract, String address) throws Exception {
        Path sources = Files.createDirectories(work.resolve("src"));
        Path classes = Files.createDirectories(work.resolve("classes"));
        String wsdl = contract.copy().toString();
        new WSDLToJava(new String[] {"-quiet", "-bareMethods", "-exsh", "true", "-autoNameResolution", "-d", sources.toString(),
            "-compile", "-classdir", classes.toString(), wsdl}).run(new ToolContext());
        ClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()}, Caller.class.getClassLoader());
        Thread.currentThread().setContextClassLoader(loader);
        List<Path> files;
        try (var walk = Files.walk(classes)) {
            files = walk.filter(f -> f.toString().endsWith(".class")).sorted().toList();
        }
        for (Path file : files) {
            String name = classes.relativize(file).toString().replace(classes.getFileSystem().getSeparator(), ".");
            Class<?> service = loader.loadClass(name.substring(0, name.length() - ".class".length()));
            WebServiceClient about = service.getAnnotation(WebServiceClient.class);
            for (Method method : about == null ? new Method[0] : service.getMethods()) {
                WebEndpoint endpoint = method.getAnnotation(WebEndpoint.class);
                if (endpoint != null && method.getParameterCount() == 0) {
                    Service made = Service.create(URI.create(wsdl).toURL(), new QName(about.targetNamespace(), about.name()));
                    Object port = made.getPort(new QName(about.targetNamespace(), endpoint.name()), method.getReturnType());
                    BindingProvider provider = (BindingProvider) port;
                    provider.getRequestContext().put(BindingProvider.ENDPOINT_ADDRESS_PROPERTY, address);
                    provider.getRequestContext().put(BindingProvider.SESSION_MAINTAIN_PROPERTY, true);
                    ((SOAPBinding) provider.getBinding()).setMTOMEnabled(contract.mtom());
                    return port;
                }
            }
        }
        throw new IllegalArgumentException("no port in " + wsdl);
    }

    private static void secure(Object port, Path root, Path certificate, Path key) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("client", key(key), STORE, new Certificate[] {certificate(certificate)});
        Merlin own = new Merlin();
        own.setKeyStore(keys);
        var client = ClientProxy.getClient(port);
        var properties = client.getRequestContext();
        CallbackHandler password = Caller::password;
        for (String suffix : List.of("", ".sct")) {
            properties.put(SecurityConstants.SIGNATURE_CRYPTO + suffix, own);
            properties.put(SecurityConstants.SIGNATURE_USERNAME + suffix, "client");
            properties.put(SecurityConstants.CALLBACK_HANDLER + suffix, password);
            // CXF's own are files, which it leaves behind.
            properties.put(org.apache.cxf.ws.security.SecurityConstants.TIMESTAMP_CACHE_INSTANCE + suffix, new MemoryReplayCache());
            properties.put(org.apache.cxf.ws.security.SecurityConstants.NONCE_CACHE_INSTANCE + suffix, new MemoryReplayCache());
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("root", certificate(root));
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        TLSClientParameters tls = new TLSClientParameters();
        tls.setTrustManagers(managers.getTrustManagers());
        ((HTTPConduit) client.getConduit()).setTlsClientParameters(tls);
        // The token service is asked at the same address, through a conduit of its own.
        client.getBus().setExtension((name, address, conduit) -> conduit.setTlsClientParameters(tls),
            org.apache.cxf.transport.http.HTTPConduitConfigurer.class);
    }

    private static void password(Callback[] callbacks) {
        for (Callback callback : callbacks) {
            if (callback instanceof WSPasswordCallback asked) {
                asked.setPassword(new String(STORE));
            }
        }
    }

    private static Certificate certificate(Path pem) throws Exception {
        try (InputStream in = Files.newInputStream(pem)) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static PrivateKey key(Path pem) throws Exception {
        StringBuilder base64 = new StringBuilder();
        Files.readAllLines(pem).stream().filter(line -> !line.startsWith("-----")).forEach(base64::append);
        return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64.toString())));
    }

    /** What comes of a call whose every value is filled. */
    private static String outcome(Object port, String name) throws Exception {
        Method method = null;
        for (Class<?> type : port.getClass().getInterfaces()) {
            for (Method candidate : type.getMethods()) {
                if (candidate.getName().equalsIgnoreCase(name)) {
                    method = candidate;
                }
            }
        }
        if (method == null) {
            throw new IllegalArgumentException("no operation " + name);
        }
        List<Object> values = new ArrayList<>();
        for (Parameter parameter : method.getParameters()) {
            values.add(filled(parameter.getType(), 0));
        }
        try {
            return shown(method.invoke(port, values.toArray()), 0);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof SOAPFaultException fault) {
                return "fault " + fault.getFault().getFaultCodeAsQName().getLocalPart() + " " + fault.getFault().getFaultString();
            }
            throw e;
        }
    }

    private static Object filled(Class<?> type, int depth) throws Exception {
        if (type == String.class) {
            return "<&> æ";
        } else if (type == Integer.class || type == int.class) {
            return 42;
        } else if (type == DataHandler.class) {
            return Stream.of(LENGTH);
        } else if (type.isEnum() || type.getPackageName().matches("ja(va|karta).*") || depth > 3) {
            return null;
        }
        Object bean = type.getConstructor().newInstance();
        for (Method method : type.getMethods()) {
            if (method.getName().startsWith("set") && method.getParameterCount() == 1) {
                Object value = filled(method.getParameterTypes()[0], depth + 1);
                if (value != null) {
                    method.invoke(bean, value);
                }
            }
        }
        return bean;
    }

    /** Texts, numbers and streams, in the order of their names. */
    private static String shown(Object value, int depth) throws Exception {
        if (value == null || depth > 4) {
            return "-";
        } else if (value instanceof DataHandler stream) {
            return Stream.summary(stream);
        } else if (value instanceof JAXBElement<?> element) {
            return shown(element.getValue(), depth);
        } else if (value instanceof String || value instanceof Number) {
            return value.toString();
        } else if (value.getClass().getPackageName().startsWith("java") || value.getClass().isEnum()) {
            return "";
        }
        List<String> members = new ArrayList<>();
        for (Method method : value.getClass().getMethods()) {
            if (method.getName().startsWith("get") && method.getParameterCount() == 0 && method.getDeclaringClass() != Object.class) {
                String member = shown(method.invoke(value), depth + 1);
                if (!member.isEmpty() && !member.equals("-")) {
                    members.add(method.getName().substring(3) + "=" + member);
                }
            }
        }
        members.sort(null);
        return String.join(" ", members);
    }
}
