/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: nothing here fails. A library that cannot hash or a kernel that gives no random bytes
 * leaves nothing safe to do, so the process ends.
 */
#include <errno.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "crypt/hash.h" /* own headers last: OpenSSL's use our attribute names for other things */

static str digest(struct arena *a, const EVP_MD *md, str data)
{
	unsigned int n = (unsigned int)EVP_MD_get_size(md);
	unsigned char *p = arena_alloc(a, n);

	if (EVP_Digest(data.p, data.n, p, &n, md, NULL) != 1)
		abort();
	return (str){ (char *)p, n };
}

str hash_sha256(struct arena *a, str data)
{
	return digest(a, EVP_sha256(), data);
}

str hash_sha512(struct arena *a, str data)
{
	return digest(a, EVP_sha512(), data);
}

str hash_sha1(struct arena *a, str data)
{
	return digest(a, EVP_sha1(), data);
}

static str mac(struct arena *a, const EVP_MD *md, str key, str data)
{
	unsigned int n = (unsigned int)EVP_MD_get_size(md);
	unsigned char *p = arena_alloc(a, n);

	/* A NULL key would mean "the one of before". */
	if (key.n > INT_MAX ||
	    !HMAC(md, key.p ? key.p : "", (int)key.n, (const unsigned char *)data.p, data.n, p, &n))
		abort();
	return (str){ (char *)p, n };
}

str hash_hmac_sha256(struct arena *a, str key, str data)
{
	return mac(a, EVP_sha256(), key, data);
}

str hash_hmac_sha1(struct arena *a, str key, str data)
{
	return mac(a, EVP_sha1(), key, data);
}

str random_bytes(struct arena *a, size_t n)
{
	char *p = arena_alloc(a, n);
	size_t got = 0;

	while (got < n) {
		ssize_t more = getrandom(p + got, n - got, 0);

		if (more < 0 && errno != EINTR)
			abort();
		if (more > 0)
			got += (size_t)more;
	}
	return (str){ p, n };
}

str random_token(struct arena *a, size_t n)
{
	return base64url_encode(a, random_bytes(a, n));
}

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64url_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static unsigned byte_at(str s, size_t i)
{
	return i < s.n ? (unsigned char)s.p[i] : 0;
}

static str encode_64(struct arena *a, str data, const char *digits, bool pad)
{
	size_t n = (data.n * 4 + 2) / 3;
	char *p = arena_alloc(a, (data.n / 3 + 1) * 4 + 1);

	for (size_t i = 0, o = 0; i < data.n; i += 3, o += 4) {
		unsigned group = byte_at(data, i) << 16 | byte_at(data, i + 1) << 8 |
				 byte_at(data, i + 2);

		for (unsigned k = 0; k < 4; k++)
			p[o + k] = o + k < n ? digits[group >> (18 - 6 * k) & 63] : '=';
	}
	if (pad)
		n = (n + 3) / 4 * 4;
	p[n] = 0;
	return (str){ p, n };
}

static int value_64(char ch, const char *digits)
{
	if (ch >= 'A' && ch <= 'Z')
		return ch - 'A';
	if (ch >= 'a' && ch <= 'z')
		return ch - 'a' + 26;
	if (ch >= '0' && ch <= '9')
		return ch - '0' + 52;
	return ch == digits[62] ? 62 : ch == digits[63] ? 63 : -1;
}

/*
 * One spelling for each value: bits that encode nothing must be 0, so that two texts never stand
 * for the same token.
 */
static bool decode_64(struct arena *a, str text, const char *digits, str *ret)
{
	char *p = arena_alloc(a, text.n / 4 * 3 + 4);
	unsigned pending = 0, bits = 0;
	size_t n = 0;

	if (text.n % 4 == 1)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		int value = value_64(text.p[i], digits);

		if (value < 0)
			return false;
		pending = (pending << 6 | (unsigned)value) & 0xfff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			p[n++] = (char)(pending >> bits & 0xff);
		}
	}
	if (pending & ((1u << bits) - 1))
		return false;
	*ret = (str){ p, n };
	return true;
}

str base64_encode(struct arena *a, str data)
{
	return encode_64(a, data, base64_digits, true);
}

bool base64_decode(struct arena *a, str text, str *ret)
{
	if (text.n % 4 == 0 && str_ends(text, STR("==")))
		text.n -= 2;
	else if (text.n % 4 == 0 && str_ends(text, STR("=")))
		text.n -= 1;
	return decode_64(a, text, base64_digits, ret);
}

str base64url_encode(struct arena *a, str data)
{
	return encode_64(a, data, base64url_digits, false);
}

bool base64url_decode(struct arena *a, str text, str *ret)
{
	return decode_64(a, text, base64url_digits, ret);
}

str base32_encode(struct arena *a, str data)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	char *p = arena_alloc(a, data.n * 8 / 5 + 2);
	unsigned pending = 0, bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < data.n; i++) {
		pending = (pending << 8 | (unsigned char)data.p[i]) & 0xfff;
		for (bits += 8; bits >= 5; bits -= 5)
			p[n++] = digits[pending >> (bits - 5) & 31];
	}
	if (bits)
		p[n++] = digits[pending << (5 - bits) & 31];
	return (str){ p, n };
}

str hex_encode(struct arena *a, str data)
{
	static const char digits[] = "0123456789abcdef";
	char *p = arena_alloc(a, data.n * 2 + 1);

	for (size_t i = 0; i < data.n; i++) {
		p[2 * i] = digits[(unsigned char)data.p[i] >> 4];
		p[2 * i + 1] = digits[data.p[i] & 15];
	}
	p[data.n * 2] = 0;
	return (str){ p, data.n * 2 };
}

static int value_16(char ch)
{
	if (char_is_digit(ch))
		return ch - '0';
	ch = char_lower(ch);
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

bool hex_decode(struct arena *a, str text, str *ret)
{
	char *p = arena_alloc(a, text.n / 2 + 1);

	if (text.n % 2)
		return false;
	for (size_t i = 0; i < text.n; i += 2) {
		int high = value_16(text.p[i]), low = value_16(text.p[i + 1]);

		if (high < 0 || low < 0)
			return false;
		p[i / 2] = (char)(high << 4 | low);
	}
	p[text.n / 2] = 0;
	*ret = (str){ p, text.n / 2 };
	return true;
}

bool secret_eq(str a, str b)
{
	return a.n == b.n && (a.n == 0 || CRYPTO_memcmp(a.p, b.p, a.n) == 0);
}

const char *crypt_version(void)
{
	return OpenSSL_version(OPENSSL_VERSION);
}
