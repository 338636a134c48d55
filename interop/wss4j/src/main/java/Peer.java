import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.FileInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.apache.wss4j.common.WSEncryptionPart;
import org.apache.wss4j.common.crypto.Merlin;
import org.apache.wss4j.common.derivedKey.ConversationConstants;
import org.apache.wss4j.common.derivedKey.P_SHA1;
import org.apache.wss4j.common.ext.WSPasswordCallback;
import org.apache.wss4j.common.ext.WSSecurityException;
import org.apache.wss4j.dom.WSConstants;
import org.apache.wss4j.dom.WSDataRef;
import org.apache.wss4j.dom.engine.WSSConfig;
import org.apache.wss4j.dom.engine.WSSecurityEngine;
import org.apache.wss4j.dom.engine.WSSecurityEngineResult;
import org.apache.wss4j.dom.handler.RequestData;
import org.apache.wss4j.dom.message.WSSecDKSign;
import org.apache.wss4j.dom.message.WSSecHeader;
import org.apache.wss4j.dom.message.WSSecSecurityContextToken;
import org.apache.wss4j.dom.message.WSSecSignature;
import org.apache.wss4j.dom.message.WSSecTimestamp;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** Checks the messages that ours.tsv lists, and signs the same messages anew: see README.md. */
public final class Peer {
    private static final String ALIAS = "client";
    private static final String STORE_PASSWORD = "changeit";
    private static final String UTILITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
    private static final String ADDRESSING = "http://www.w3.org/2005/08/addressing";
    private static final byte[] SESSION_KEY = new byte[32];

    private final Path folder;
    private final Merlin crypto = new Merlin();
    private final X509Certificate certificate;
    private final StringBuilder theirs = new StringBuilder();
    private final Map<String, Integer> confirmed = new TreeMap<>();
    private int refused;
    private int signed;

    private Peer(Path folder, Path certificate, Path key) throws Exception {
        this.folder = folder;
        try (FileInputStream in = new FileInputStream(certificate.toFile())) {
            this.certificate = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
        String pem = Files.readString(key).replaceAll("-----.*?-----|\\s", "");
        PrivateKey secret = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(ALIAS, secret, STORE_PASSWORD.toCharArray(), new X509Certificate[] {this.certificate});
        crypto.setKeyStore(store);
        crypto.setTrustStore(store);
        Arrays.fill(SESSION_KEY, (byte) 0x77);
    }

    public static void main(String[] paths) throws Exception {
        WSSConfig.init();
        Peer peer = new Peer(Path.of(paths[0]), Path.of(paths[1]), Path.of(paths[2]));
        List<String> lines = Files.readAllLines(peer.folder.resolve("ours.tsv"));
        for (String line : lines) {
            peer.check(line.split("\t"));
        }
        for (String line : lines) {
            String[] columns = line.split("\t");
            if (columns[1].equals("context")) {
                peer.sign(columns[0]);
            }
        }
        Files.writeString(peer.folder.resolve("theirs-wss4j.tsv"), peer.theirs);
        System.out.println("WSS4J confirms " + peer.confirmed + ", refuses " + peer.refused + " forgeries, signed " + peer.signed);
    }

    // What we are given.

    private void check(String[] columns) throws Exception {
        String kind = columns[1];
        byte[] password = octets(columns[2]);
        byte[] entropies = octets(columns[4]);
        // WSS4J's own derivation, from what client and server have said.
        byte[] key = entropies.length == 0 ? entropies
            : new P_SHA1().createKey(Arrays.copyOf(entropies, 32), Arrays.copyOfRange(entropies, 32, 64), 0, 32);
        String message = Files.readString(folder.resolve(columns[0]));
        List<WSSecurityEngineResult> results = process(message, password, key);
        boolean right = switch (kind) {
            case "username" -> actions(results).equals(List.of(WSConstants.TS, WSConstants.UT));
            case "certificate" -> actions(results).equals(List.of(WSConstants.TS, WSConstants.BST, WSConstants.SIGN))
                && certificate.equals(results.get(2).get(WSSecurityEngineResult.TAG_X509_CERTIFICATE));
            case "context" -> actions(results).equals(List.of(WSConstants.TS, WSConstants.SCT, WSConstants.SIGN));
            default -> actions(results).equals(List.of(WSConstants.TS, WSConstants.SCT, WSConstants.DKT, WSConstants.SIGN));
        };
        List<String> parts = kind.equals("username") ? List.of()
            : kind.equals("certificate") ? List.of("Timestamp", "To") : List.of("Timestamp");
        if (!right || !parts.equals(parts(results))) {
            throw new IllegalStateException(columns[0] + ": actions " + actions(results) + ", parts " + parts(results));
        }
        confirmed.merge(kind, 1, Integer::sum);

        if (kind.equals("username")) {
            refuse(columns[0], message, "x".getBytes(StandardCharsets.UTF_8), key);
            refuse(columns[0], message.replaceAll("<u:(Created|Expires)>\\d{4}", "<u:$1>2020"), password, key);
        } else {
            // One millisecond, so that the Timestamp itself stays good.
            int last = message.indexOf("Z</u:Expires>") - 1;
            char digit = message.charAt(last) == '0' ? '1' : '0';
            refuse(columns[0], message.substring(0, last) + digit + message.substring(last + 1), password, key);
        }
        if (key.length > 0) {
            key[0] ^= 1;
            refuse(columns[0], message, password, key);
        }
    }

    private void refuse(String name, String message, byte[] password, byte[] key) throws Exception {
        try {
            process(message, password, key);
        } catch (WSSecurityException expected) {
            refused++;
            return;
        }
        throw new IllegalStateException(name + ": a forgery was taken");
    }

    private List<WSSecurityEngineResult> process(String message, byte[] password, byte[] key) throws Exception {
        CallbackHandler answers = callbacks -> {
            for (Callback callback : callbacks) {
                WSPasswordCallback asked = (WSPasswordCallback) callback;
                if (asked.getUsage() == WSPasswordCallback.USERNAME_TOKEN) {
                    asked.setPassword(new String(password, StandardCharsets.UTF_8));
                } else {
                    asked.setKey(key);
                }
            }
        };
        RequestData request = new RequestData();
        request.setWssConfig(WSSConfig.getNewInstance());
        request.setCallbackHandler(answers);
        request.setSigVerCrypto(crypto);
        Document document = parse(message);
        List<WSSecurityEngineResult> results = new ArrayList<>(
            new WSSecurityEngine().processSecurityHeader(document, request).getResults());
        Collections.reverse(results); // WSS4J gives the last first
        return results;
    }

    private static List<Integer> actions(List<WSSecurityEngineResult> results) {
        return results.stream().map(result -> (Integer) result.get(WSSecurityEngineResult.TAG_ACTION)).toList();
    }

    private static List<String> parts(List<WSSecurityEngineResult> results) {
        List<String> parts = new ArrayList<>();
        for (WSSecurityEngineResult result : results) {
            if (result.get(WSSecurityEngineResult.TAG_DATA_REF_URIS) instanceof List<?> references) {
                references.forEach(reference -> parts.add(((WSDataRef) reference).getName().getLocalPart()));
            }
        }
        return parts;
    }

    // What we give.

    private void sign(String name) throws Exception {
        String message = Files.readString(folder.resolve(name));
        write(name, "direct", withCertificate(header(message), WSConstants.BST_DIRECT_REFERENCE), "certificate:Timestamp,To,Body");
        write(name, "thumbprint", withCertificate(header(message), WSConstants.THUMBPRINT_IDENTIFIER), "certificate:Timestamp,To,Body");
        write(name, "context", withContext(header(message), false, SESSION_KEY), "context:Timestamp,To,Body");
        write(name, "derived", withContext(header(message), true, SESSION_KEY), "derived:Timestamp,To,Body");
        write(name, "stranger", withContext(header(message), false, new byte[32]), "refused");
    }

    /** The message with a Timestamp alone. */
    private static WSSecHeader header(String message) throws Exception {
        Document document = parse(message);
        Element security = (Element) document.getElementsByTagNameNS(WSConstants.WSSE_NS, "Security").item(0);
        security.getParentNode().removeChild(security);
        WSSecHeader header = new WSSecHeader(document);
        header.insertSecurityHeader();
        new WSSecTimestamp(header).build();
        return header;
    }

    private static List<WSEncryptionPart> signedParts() {
        return List.of(new WSEncryptionPart("Timestamp", UTILITY, "Element"), new WSEncryptionPart("To", ADDRESSING, "Element"),
            new WSEncryptionPart("Body", WSConstants.URI_SOAP12_ENV, "Element"));
    }

    private WSSecHeader withCertificate(WSSecHeader header, int reference) throws Exception {
        WSSecSignature signature = new WSSecSignature(header);
        signature.setUserInfo(ALIAS, STORE_PASSWORD);
        signature.setKeyIdentifierType(reference);
        signature.setIncludeSignatureToken(true);
        signature.setSignatureAlgorithm(WSConstants.RSA_SHA1);
        signature.setDigestAlgo(WSConstants.SHA1);
        signature.getParts().addAll(signedParts());
        signature.build(crypto);
        return header;
    }

    private WSSecHeader withContext(WSSecHeader header, boolean derived, byte[] key) throws Exception {
        WSSecSecurityContextToken token = new WSSecSecurityContextToken(header, WSSConfig.getNewInstance());
        token.setWscVersion(ConversationConstants.VERSION_05_02);
        token.prepare(crypto);
        if (derived) {
            WSSecDKSign signature = new WSSecDKSign(header);
            signature.setWscVersion(ConversationConstants.VERSION_05_02);
            signature.setTokenIdentifier(token.getSctId());
            signature.setCustomValueType(ConversationConstants.WSC_NS_05_02 + "/sct");
            signature.setSignatureAlgorithm(WSConstants.HMAC_SHA1);
            signature.setDerivedKeyLength(24);
            signature.getParts().addAll(signedParts());
            signature.build(key);
        } else {
            WSSecSignature signature = new WSSecSignature(header);
            signature.setKeyIdentifierType(WSConstants.CUSTOM_SYMM_SIGNING);
            signature.setCustomTokenId(token.getSctId());
            signature.setCustomTokenValueType(ConversationConstants.WSC_NS_05_02 + "/sct");
            signature.setSecretKey(key);
            signature.setSignatureAlgorithm(WSConstants.HMAC_SHA1);
            signature.setDigestAlgo(WSConstants.SHA1);
            signature.getParts().addAll(signedParts());
            signature.build(crypto);
        }
        token.prependSCTElementToHeader();
        return header;
    }

    private void write(String name, String form, WSSecHeader header, String expected) throws Exception {
        Transformer transformer = TransformerFactory.newInstance().newTransformer();
        transformer.setOutputProperty(OutputKeys.ENCODING, "UTF-8");
        String file = "wss4j-" + form + "-" + name;
        File to = folder.resolve(file).toFile();
        transformer.transform(new DOMSource(header.getSecurityHeaderDoc()), new StreamResult(to));
        theirs.append(file).append('\t').append(HexFormat.of().formatHex(SESSION_KEY)).append('\t').append(expected).append('\n');
        signed++;
    }

    private static Document parse(String message) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(new ByteArrayInputStream(message.getBytes(StandardCharsets.UTF_8)));
    }

    private static byte[] octets(String column) {
        return column.equals("-") ? new byte[0] : HexFormat.of().parseHex(column);
    }
}
