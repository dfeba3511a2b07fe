using System.Runtime.InteropServices;

namespace Winnow.Peer.Native;

/// <summary>The functions of llama.h and ggml-backend.h, release 0.5.0, that the peer calls. <see cref="LlamaLibrary"/> finds the files.</summary>
internal static unsafe partial class LlamaApi
{
    public const string Llama = "llama";
    public const string Ggml = "ggml";

    [LibraryImport(Llama, EntryPoint = "llama_version")]
    public static partial byte* Version();

    [LibraryImport(Llama, EntryPoint = "llama_backend_init")]
    public static partial void InitializeBackend();

    [LibraryImport(Llama, EntryPoint = "llama_log_set")]
    public static partial void SetLog(delegate* unmanaged[Cdecl]<int, byte*, void*, void> callback, void* userData);

    [LibraryImport(Ggml, EntryPoint = "ggml_backend_load", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint LoadBackend(string path);

    [LibraryImport(Ggml, EntryPoint = "ggml_backend_load_all_from_path", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void LoadBackends(string folder);

    [LibraryImport(Llama, EntryPoint = "llama_model_default_params")]
    public static partial ModelParams DefaultModelParams();

    [LibraryImport(Llama, EntryPoint = "llama_context_default_params")]
    public static partial ContextParams DefaultContextParams();

    [LibraryImport(Llama, EntryPoint = "llama_model_quantize_default_params")]
    public static partial QuantizeParams DefaultQuantizeParams();

    [LibraryImport(Llama, EntryPoint = "llama_model_quantize", StringMarshalling = StringMarshalling.Utf8)]
    public static partial uint Quantize(string input, string output, QuantizeParams* parameters);

    [LibraryImport(Llama, EntryPoint = "llama_model_load_from_file", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint LoadModel(string path, ModelParams parameters);

    [LibraryImport(Llama, EntryPoint = "llama_model_free")]
    public static partial void FreeModel(nint model);

    [LibraryImport(Llama, EntryPoint = "llama_model_get_vocab")]
    public static partial nint GetVocabulary(nint model);

    [LibraryImport(Llama, EntryPoint = "llama_vocab_n_tokens")]
    public static partial int CountTokens(nint vocabulary);

    [LibraryImport(Llama, EntryPoint = "llama_tokenize")]
    public static partial int Tokenize(
        nint vocabulary,
        byte* text,
        int textLength,
        int* tokens,
        int maxTokens,
        [MarshalAs(UnmanagedType.U1)] bool addSpecial,
        [MarshalAs(UnmanagedType.U1)] bool parseSpecial);

    [LibraryImport(Llama, EntryPoint = "llama_detokenize")]
    public static partial int Detokenize(
        nint vocabulary,
        int* tokens,
        int tokenCount,
        byte* text,
        int maxLength,
        [MarshalAs(UnmanagedType.U1)] bool removeSpecial,
        [MarshalAs(UnmanagedType.U1)] bool showSpecial);

    [LibraryImport(Llama, EntryPoint = "llama_init_from_model")]
    public static partial nint CreateContext(nint model, ContextParams parameters);

    [LibraryImport(Llama, EntryPoint = "llama_free")]
    public static partial void FreeContext(nint context);

    [LibraryImport(Llama, EntryPoint = "llama_get_memory")]
    public static partial nint GetMemory(nint context);

    [LibraryImport(Llama, EntryPoint = "llama_memory_clear")]
    public static partial void ClearMemory(nint memory, [MarshalAs(UnmanagedType.U1)] bool data);

    [LibraryImport(Llama, EntryPoint = "llama_memory_seq_rm")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool RemoveTokens(nint memory, int sequence, int from, int to);

    [LibraryImport(Llama, EntryPoint = "llama_batch_init")]
    public static partial Batch CreateBatch(int maxTokens, int embeddingSize, int maxSequences);

    [LibraryImport(Llama, EntryPoint = "llama_batch_free")]
    public static partial void FreeBatch(Batch batch);

    [LibraryImport(Llama, EntryPoint = "llama_decode")]
    public static partial int Decode(nint context, Batch batch);

    [LibraryImport(Llama, EntryPoint = "llama_get_logits_ith")]
    public static partial float* GetLogits(nint context, int row);
}
