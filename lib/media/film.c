/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: the libraries see the bytes of one file and nothing else: no protocol, no probing for other
 * formats, no other decoder than those of the table, one thread, a bounded number of packets and frames.
 */
#include "media/film.h"

#include <dlfcn.h>
#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "media/probe.h"

#define BUFFER 65536
#define PACKETS 8192 /* read in search of a key frame */
#define KEY_FRAMES 3 /* decoded, when those before are black */
#define CONTRAST \
	40 /* between the brightest and the darkest point of a picture that shows something */
#define SIDE_LIMIT 16384
#define ALIGNMENT 64 /* of lines that are scaled into */

#define SONAME(name, major) "lib" name ".so." AV_STRINGIFY(major)

enum { AVUTIL, AVCODEC, AVFORMAT, SWSCALE, LIBRARIES };

/* Those whose headers this was compiled with. */
static const char *const sonames[LIBRARIES] = {
	[AVUTIL] = SONAME("avutil", LIBAVUTIL_VERSION_MAJOR),
	[AVCODEC] = SONAME("avcodec", LIBAVCODEC_VERSION_MAJOR),
	[AVFORMAT] = SONAME("avformat", LIBAVFORMAT_VERSION_MAJOR),
	[SWSCALE] = SONAME("swscale", LIBSWSCALE_VERSION_MAJOR),
};

#define FUNCTIONS(F)                              \
	F(AVUTIL, av_log_set_level)               \
	F(AVUTIL, av_malloc)                      \
	F(AVUTIL, av_freep)                       \
	F(AVUTIL, av_frame_alloc)                 \
	F(AVUTIL, av_frame_free)                  \
	F(AVCODEC, av_packet_alloc)               \
	F(AVCODEC, av_packet_free)                \
	F(AVCODEC, av_packet_unref)               \
	F(AVCODEC, avcodec_find_decoder_by_name)  \
	F(AVCODEC, avcodec_alloc_context3)        \
	F(AVCODEC, avcodec_free_context)          \
	F(AVCODEC, avcodec_parameters_to_context) \
	F(AVCODEC, avcodec_open2)                 \
	F(AVCODEC, avcodec_send_packet)           \
	F(AVCODEC, avcodec_receive_frame)         \
	F(AVCODEC, avcodec_flush_buffers)         \
	F(AVFORMAT, av_find_input_format)         \
	F(AVFORMAT, avformat_alloc_context)       \
	F(AVFORMAT, avformat_open_input)          \
	F(AVFORMAT, avformat_close_input)         \
	F(AVFORMAT, av_read_frame)                \
	F(AVFORMAT, avio_alloc_context)           \
	F(AVFORMAT, avio_context_free)            \
	F(SWSCALE, sws_getContext)                \
	F(SWSCALE, sws_freeContext)               \
	F(SWSCALE, sws_getCoefficients)           \
	F(SWSCALE, sws_setColorspaceDetails)      \
	F(SWSCALE, sws_scale)

#define MEMBER(library, name) __typeof__(&name) name;
#define PLACE(library, fn) { library, #fn, offsetof(struct functions, fn) },

/* By the names that they have in the libraries. */
static struct functions {
	FUNCTIONS(MEMBER)
} av;
static bool is_loaded;

static const struct {
	int library;
	const char *name;
	size_t at;
} places[] = { FUNCTIONS(PLACE) };

/* Of each way of coding the decoder that needs no hardware. */
static const struct {
	enum AVCodecID id;
	const char *name;
} decoders[] = {
	{ AV_CODEC_ID_H264, "h264" }, { AV_CODEC_ID_HEVC, "hevc" },    { AV_CODEC_ID_VP8, "vp8" },
	{ AV_CODEC_ID_VP9, "vp9" },   { AV_CODEC_ID_AV1, "libdav1d" },
};

static const char *const demuxers[FORMAT_COUNT] = {
	[FORMAT_MP4] = "mov",
	[FORMAT_MOV] = "mov",
	[FORMAT_M4A] = "mov",
	[FORMAT_WEBM] = "matroska",
};

int film_load(void)
{
	void *handles[LIBRARIES];

	if (is_loaded)
		return 0;
	for (int i = 0; i < LIBRARIES; i++) {
		handles[i] = dlopen(sonames[i], RTLD_LAZY);
		if (!handles[i])
			return -ENOENT;
	}
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		void *fn = dlsym(handles[places[i].library], places[i].name);

		if (!fn)
			return -ENOENT;
		memcpy((char *)&av + places[i].at, &fn, sizeof(fn));
	}
	av.av_log_set_level(AV_LOG_QUIET);
	is_loaded = true;
	return 0;
}

struct film {
	const struct film_order *order;
	size_t at; /* in its bytes */
	AVIOContext *io;
	AVFormatContext *format;
	AVStream *stream;
	AVCodecContext *codec;
	AVPacket *packet;
	AVFrame *frame;
	int packets;
};

static int read_bytes(void *opaque, uint8_t *to, int n)
{
	struct film *f = opaque;
	size_t rest = f->order->bytes.n - f->at;

	if (!rest || n <= 0)
		return AVERROR_EOF;
	if ((size_t)n > rest)
		n = (int)rest;
	memcpy(to, f->order->bytes.p + f->at, (size_t)n);
	f->at += (size_t)n;
	return n;
}

static int64_t seek_bytes(void *opaque, int64_t offset, int whence)
{
	struct film *f = opaque;
	int64_t size = (int64_t)f->order->bytes.n, base = 0;

	if (whence & AVSEEK_SIZE)
		return size;
	whence &= ~AVSEEK_FORCE;
	if (whence == SEEK_CUR)
		base = (int64_t)f->at;
	else if (whence == SEEK_END)
		base = size;
	if (offset < -base || offset > size - base)
		return AVERROR(EINVAL);
	f->at = (size_t)(base + offset);
	return base + offset;
}

/* A file that names another one gets none. */
static int open_nothing(AVFormatContext *format unused, AVIOContext **io unused,
			const char *url unused, int flags unused, AVDictionary **options unused)
{
	return AVERROR(EPERM);
}

static void film_done(struct film *f)
{
	av.avcodec_free_context(&f->codec);
	av.avformat_close_input(&f->format);
	if (f->io)
		av.av_freep(&f->io->buffer);
	av.avio_context_free(&f->io);
	av.av_packet_free(&f->packet);
	av.av_frame_free(&f->frame);
}

static int open_input(struct film *f)
{
	unsigned char *buffer = av.av_malloc(BUFFER);

	f->packet = av.av_packet_alloc();
	f->frame = av.av_frame_alloc();
	f->format = av.avformat_alloc_context();
	if (buffer)
		f->io = av.avio_alloc_context(buffer, BUFFER, 0, f, read_bytes, NULL, seek_bytes);
	if (!f->io)
		av.av_freep(&buffer);
	if (!f->io || !f->packet || !f->frame || !f->format)
		return -ENOMEM;
	f->format->pb = f->io;
	f->format->flags |= AVFMT_FLAG_CUSTOM_IO;
	f->format->io_open = open_nothing;
	/* On failure the context is freed, and the pointer null. */
	return av.avformat_open_input(&f->format, "",
				      av.av_find_input_format(demuxers[f->order->id]), NULL) < 0
		       ? E_UNPROCESSABLE
		       : 0;
}

static const AVCodec *decoder_of(const AVStream *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(decoders); i++)
		if (s->codecpar->codec_id == decoders[i].id)
			return av.avcodec_find_decoder_by_name(decoders[i].name);
	return NULL;
}

static bool is_film(const AVStream *s)
{
	return s->codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
	       !(s->disposition & AV_DISPOSITION_ATTACHED_PIC) && decoder_of(s);
}

static int open_decoder(struct film *f)
{
	const AVCodec *decoder;

	for (unsigned i = 0; i < f->format->nb_streams; i++) {
		AVStream *s = f->format->streams[i];

		if (!f->stream && is_film(s))
			f->stream = s;
		else
			s->discard = AVDISCARD_ALL;
	}
	if (!f->stream)
		return E_UNSUPPORTED;
	decoder = decoder_of(f->stream);
	f->codec = av.avcodec_alloc_context3(decoder);
	if (!f->codec)
		return -ENOMEM;
	if (av.avcodec_parameters_to_context(f->codec, f->stream->codecpar) < 0)
		return E_UNPROCESSABLE;
	f->codec->thread_count = 1;
	f->codec->max_pixels = (int64_t)f->order->pixels;
	f->codec->err_recognition = AV_EF_CRCCHECK;
	return av.avcodec_open2(f->codec, decoder, NULL) < 0 ? E_UNPROCESSABLE : 0;
}

/* What its header says is believed when it says that it is too large. */
static int check_size(const struct film *f)
{
	const AVCodecParameters *p = f->stream->codecpar;

	if (p->width > SIDE_LIMIT || p->height > SIDE_LIMIT ||
	    (p->width > 0 && p->height > 0 &&
	     (uint64_t)p->width * (uint64_t)p->height > f->order->pixels))
		return E_TOO_LARGE;
	return 0;
}

/* A key frame stands for itself: the decoder is asked for it at once, and forgets it. */
static bool decode_packet(struct film *f)
{
	bool done = av.avcodec_send_packet(f->codec, f->packet) >= 0 &&
		    av.avcodec_send_packet(f->codec, NULL) >= 0 &&
		    av.avcodec_receive_frame(f->codec, f->frame) >= 0;

	av.avcodec_flush_buffers(f->codec);
	return done && f->frame->width > 0 && f->frame->width <= SIDE_LIMIT &&
	       f->frame->height > 0 && f->frame->height <= SIDE_LIMIT;
}

static int next_key_frame(struct film *f)
{
	while (f->packets++ < PACKETS && av.av_read_frame(f->format, f->packet) >= 0) {
		bool done = f->packet->stream_index == f->stream->index &&
			    (f->packet->flags & AV_PKT_FLAG_KEY) && decode_packet(f);

		av.av_packet_unref(f->packet);
		if (done)
			return 0;
	}
	return E_UNPROCESSABLE;
}

/* Pixels that are not square make a film wider, never narrower. */
static void measure(const struct film *f, struct film_picture *p)
{
	AVRational shape = f->stream->codecpar->sample_aspect_ratio;

	if (shape.num <= 0 || shape.den <= 0)
		shape = f->frame->sample_aspect_ratio;
	p->full_width = f->frame->width;
	p->full_height = f->frame->height;
	if (shape.num > shape.den && shape.den > 0 && shape.num / shape.den < 8)
		p->full_width = p->full_width * shape.num / shape.den;
	else if (shape.den > shape.num && shape.num > 0 && shape.den / shape.num < 8)
		p->full_height = p->full_height * shape.den / shape.num;
}

static void fit(const struct film_order *o, struct film_picture *p)
{
	double share = 1;

	if ((double)o->most_width / (double)p->full_width < share)
		share = (double)o->most_width / (double)p->full_width;
	if ((double)o->most_height / (double)p->full_height < share)
		share = (double)o->most_height / (double)p->full_height;
	p->width = (int)((double)p->full_width * share + 0.5);
	p->height = (int)((double)p->full_height * share + 0.5);
	p->width = p->width < 1 ? 1 : p->width;
	p->height = p->height < 1 ? 1 : p->height;
}

/* What a decoder does not say of its colours is what films of that size have. */
static int colours_of(const AVFrame *frame)
{
	if (frame->colorspace == AVCOL_SPC_UNSPECIFIED)
		return frame->height > 576 ? SWS_CS_ITU709 : SWS_CS_ITU601;
	return frame->colorspace == AVCOL_SPC_RGB ? SWS_CS_DEFAULT : (int)frame->colorspace;
}

/* Lines are scaled into with a gap behind them, where fast code may write, and moved together then. */
static int scale_into(struct SwsContext *scaler, const AVFrame *frame, struct film_picture *p)
{
	size_t line = (size_t)p->width * 3,
	       stride = (line + 2 * ALIGNMENT) & ~(size_t)(ALIGNMENT - 1);
	uint8_t *rows = aligned_alloc(ALIGNMENT, stride * (size_t)p->height + ALIGNMENT);
	uint8_t *const to[4] = { rows };
	const int strides[4] = { (int)stride };

	if (!rows)
		return -ENOMEM;
	if (av.sws_scale(scaler, (const uint8_t *const *)frame->data, frame->linesize, 0,
			 frame->height, to, strides) != p->height) {
		free(rows);
		return E_UNPROCESSABLE;
	}
	for (int y = 1; y < p->height; y++)
		memmove(rows + (size_t)y * line, rows + (size_t)y * stride, line);
	p->pixels = rows;
	return 0;
}

static int to_pixels(struct film *f, struct film_picture *p)
{
	const AVFrame *frame = f->frame;
	struct SwsContext *scaler;
	int result;

	measure(f, p);
	fit(f->order, p);
	scaler = av.sws_getContext(frame->width, frame->height, (enum AVPixelFormat)frame->format,
				   p->width, p->height, AV_PIX_FMT_RGB24,
				   SWS_BICUBIC | SWS_ACCURATE_RND, NULL, NULL, NULL);
	if (!scaler)
		return E_UNPROCESSABLE;
	/* Refused for codings that have no such colours; they stay as they are. */
	av.sws_setColorspaceDetails(scaler, av.sws_getCoefficients(colours_of(frame)),
				    frame->color_range == AVCOL_RANGE_JPEG,
				    av.sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
	result = scale_into(scaler, frame, p);
	av.sws_freeContext(scaler);
	return result;
}

static bool shows_something(const struct film_picture *p)
{
	size_t n = (size_t)p->width * (size_t)p->height;
	uint8_t least = 255, most = 0;

	for (size_t i = 0; i < n; i++) {
		uint8_t green = p->pixels[3 * i + 1];

		least = green < least ? green : least;
		most = green > most ? green : most;
	}
	return most - least >= CONTRAST;
}

/* The last one stays when none shows anything. */
static int choose(struct film *f, struct film_picture *ret)
{
	struct film_picture best = { 0 };
	int result = 0;

	for (int i = 0; i < KEY_FRAMES && !result; i++) {
		struct film_picture p = { 0 };

		result = next_key_frame(f);
		if (!result)
			result = to_pixels(f, &p);
		if (result)
			break;
		film_picture_done(&best);
		best = p;
		if (shows_something(&best))
			break;
	}
	if (!best.pixels)
		return result;
	*ret = best;
	return 0;
}

int film_picture(const struct film_order *o, struct film_picture *ret)
{
	struct film f = { .order = o };
	int result;

	if (!is_loaded || !demuxers[o->id])
		return E_UNSUPPORTED;
	result = open_input(&f);
	if (!result)
		result = open_decoder(&f);
	if (!result)
		result = check_size(&f);
	if (!result)
		result = choose(&f, ret);
	film_done(&f);
	return result;
}

void film_picture_done(struct film_picture *p)
{
	free(p->pixels);
	p->pixels = NULL;
}
