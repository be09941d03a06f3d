/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: nothing is asked of anybody: no passphrase is read from a terminal, and no authority is looked for. */
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "crypt/certificate.h" /* own headers last: OpenSSL's use our attribute names for other things */

#define NAME_LIMIT 1024

static void biop_free(BIO **b)
{
	BIO_free(*b);
}

static void x509p_free(X509 **x)
{
	X509_free(*x);
}

static void pkeyp_free(EVP_PKEY **k)
{
	EVP_PKEY_free(*k);
}

static BIO *reader(str text)
{
	return BIO_new_mem_buf(text.p ? text.p : "", (int)str_clip(text, INT32_MAX).n);
}

/* A key that wants a passphrase is none here. */
static int no_passphrase(unused char *buffer, unused int size, unused int writes, unused void *arg)
{
	return -1;
}

static str name_text(struct arena *a, const X509_NAME *name)
{
	BIO *b cleanup(biop_free) = BIO_new(BIO_s_mem());
	char *p;
	long n;

	if (!b || X509_NAME_print_ex(b, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) < 0)
		return STR("");
	n = BIO_get_mem_data(b, &p);
	return str_dup(a, str_clip((str){ p, n > 0 ? (size_t)n : 0 }, NAME_LIMIT));
}

static usec time_of(const ASN1_TIME *t)
{
	struct tm tm;

	return ASN1_TIME_to_tm(t, &tm) == 1 ? (usec)timegm(&tm) * USEC_SEC : 0;
}

static enum certificate_fault judge(struct arena *a, X509 *x, EVP_PKEY *key, str host, usec now)
{
	if (!key)
		return CERTIFICATE_NO_KEY;
	if (X509_check_private_key(x, key) != 1)
		return CERTIFICATE_OTHER_KEY;
	if (X509_check_host(x, str_z(a, host), host.n, 0, NULL) != 1)
		return CERTIFICATE_OTHER_NAME;
	if (time_of(X509_get0_notBefore(x)) > now)
		return CERTIFICATE_TOO_EARLY;
	return time_of(X509_get0_notAfter(x)) <= now ? CERTIFICATE_ENDED : CERTIFICATE_FIT;
}

enum certificate_fault certificate_judge(struct arena *a, str chain, str key, str host, usec now,
					 struct certificate *ret)
{
	BIO *chain_bio cleanup(biop_free) = reader(chain),
		       *key_bio cleanup(biop_free) = reader(key);
	X509 *x cleanup(x509p_free) = PEM_read_bio_X509(chain_bio, NULL, no_passphrase, NULL);
	EVP_PKEY *k cleanup(pkeyp_free) = NULL;

	*ret = (struct certificate){ .issuer = STR(""), .subject = STR("") };
	if (!x)
		return CERTIFICATE_NONE;
	k = PEM_read_bio_PrivateKey(key_bio, NULL, no_passphrase, NULL);
	ret->issuer = name_text(a, X509_get_issuer_name(x));
	ret->subject = name_text(a, X509_get_subject_name(x));
	ret->expires = time_of(X509_get0_notAfter(x));
	return judge(a, x, k, host, now);
}
