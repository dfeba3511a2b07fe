using System.Text.Json.Nodes;
using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Files;

/// <summary>What each family's config.json and tensor names become.</summary>
public sealed class HuggingFaceFamilyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("llama", "llama", "model.layers.3.self_attn.q_proj.weight", "blk.3.attn_q.weight")]
    [InlineData("llama", "llama", "model.layers.11.mlp.down_proj.bias", "blk.11.ffn_down.bias")]
    [InlineData("mistral", "llama", "model.layers.0.post_attention_layernorm.weight", "blk.0.ffn_norm.weight")]
    [InlineData("mixtral", "llama", "model.layers.0.block_sparse_moe.gate.weight", "blk.0.ffn_gate_inp.weight")]
    [InlineData("mixtral", "llama", "model.layers.0.block_sparse_moe.experts.7.w1.weight", "blk.0.ffn_gate.7.weight")]
    [InlineData("mixtral", "llama", "model.layers.0.block_sparse_moe.experts.7.w2.weight", "blk.0.ffn_down.7.weight")]
    [InlineData("qwen2", "qwen2", "model.layers.0.self_attn.k_proj.bias", "blk.0.attn_k.bias")]
    [InlineData("qwen3", "qwen3", "model.layers.0.self_attn.k_norm.weight", "blk.0.attn_k_norm.weight")]
    [InlineData("qwen3_moe", "qwen3moe", "model.layers.0.mlp.experts.127.up_proj.weight", "blk.0.ffn_up.127.weight")]
    [InlineData("qwen3_moe", "qwen3moe", "model.layers.0.mlp.gate.weight", "blk.0.ffn_gate_inp.weight")]
    [InlineData("gemma2", "gemma2", "model.layers.0.post_attention_layernorm.weight", "blk.0.post_attention_norm.weight")]
    [InlineData("gemma2", "gemma2", "model.layers.0.pre_feedforward_layernorm.weight", "blk.0.ffn_norm.weight")]
    [InlineData("gemma3_text", "gemma3", "model.layers.0.post_feedforward_layernorm.weight", "blk.0.post_ffw_norm.weight")]
    [InlineData("gemma3", "gemma3", "language_model.model.layers.0.mlp.up_proj.weight", "blk.0.ffn_up.weight")]
    [InlineData("gemma3", "gemma3", "model.language_model.norm.weight", "output_norm.weight")]
    [InlineData("phi3", "phi3", "model.layers.0.self_attn.qkv_proj.weight", "blk.0.attn_qkv.weight")]
    [InlineData("phi3", "phi3", "model.layers.0.mlp.gate_up_proj.weight", "blk.0.ffn_up.weight")]
    public void Open_TensorOfAFamily_GetsGgufsName(string family, string architecture, string original, string expected)
    {
        using ModelFile sut = Open(Config(family), new SafetensorsBuilder().Tensor(original, [2], 1, 2));

        Assert.Equal(architecture, sut.Metadata.GetString("general.architecture"));
        Assert.Equal(expected, Assert.Single(sut.Tensors).Name);
    }

    [Theory]
    [InlineData("llama", "model.layers.0.self_attn.qkv_proj.weight")]
    [InlineData("llama", "model.layers.x.self_attn.q_proj.weight")]
    [InlineData("llama", "model.layers.0.mlp.gate.weight")]
    [InlineData("mixtral", "model.layers.0.block_sparse_moe.experts.0.w4.weight")]
    [InlineData("qwen2", "score.weight")]
    [InlineData("gemma2", "model.vision.weight")]
    public void Open_TensorThatTheFamilyHasNot_IsRefused(string family, string name) =>
        Refused(Config(family), new SafetensorsBuilder().Tensor(name, [1], 1), $"tensor '{name}' is 'not part of the graph'");

    [Fact]
    public void Open_MultimodalGemma_LeavesTheVisionTowerOut()
    {
        using ModelFile sut = Open(Config("gemma3"), new SafetensorsBuilder()
            .Tensor("vision_tower.vision_model.embeddings.patch_embedding.weight", [1, 1, 1, 1], 1)
            .Tensor("multi_modal_projector.mm_soft_emb_norm.weight", [1], 1)
            .Tensor("language_model.model.norm.weight", [1], 1));

        Assert.Equal("output_norm.weight", Assert.Single(sut.Tensors).Name);
    }

    [Theory]
    [InlineData("gemma2", "model.norm.weight", 1.5f)]
    [InlineData("gemma3_text", "model.layers.0.self_attn.q_norm.weight", 1.5f)]
    [InlineData("gemma2", "model.layers.0.self_attn.q_proj.bias", 0.5f)]
    [InlineData("llama", "model.norm.weight", 0.5f)]
    public void Open_GemmaNorm_GetsOneMore(string family, string name, float expected)
    {
        using ModelFile sut = Open(Config(family), new SafetensorsBuilder().Tensor(name, [1], 0.5f));

        Assert.Equal(expected, BitConverter.ToSingle(sut.GetData(sut.Tensors[0])));
    }

    [Fact]
    public void Open_Gemma3_DescribesItsWindowsAndBases()
    {
        using ModelFile sut = Open(Config("gemma3"), new SafetensorsBuilder().Tensor("model.norm.weight", [1], 1));

        Assert.Equal(1024u, sut.Metadata.GetUInt32("gemma3.attention.sliding_window"));
        Assert.Equal(6u, sut.Metadata.GetUInt32("gemma3.attention.sliding_window_pattern"));
        Assert.Equal(10_000f, sut.Metadata.GetSingle("gemma3.rope.freq_base_swa"));
        Assert.Equal(1_000_000f, sut.Metadata.GetSingle("gemma3.rope.freq_base"));
        Assert.Equal("linear", sut.Metadata.GetString("gemma3.rope.scaling.type"));
        Assert.Equal(8f, sut.Metadata.GetSingle("gemma3.rope.scaling.factor"));
        Assert.Equal(256u, sut.Metadata.GetUInt32("gemma3.attention.key_length"));
    }

    [Fact]
    public void Open_LayerTypesWithoutAPeriod_NamesTheLayer()
    {
        JsonObject config = Config("gemma3_text");
        config["layer_types"] = new JsonArray("sliding_attention", "full_attention", "full_attention");

        Refused(config, new SafetensorsBuilder().Tensor("model.norm.weight", [1], 1), "'layer_types[2]' is 'full_attention'; expected a layer without a sliding window every 2 layers");
    }

    [Fact]
    public void Open_Mixtral_HasExpertsAndNoWindowInItsContext()
    {
        JsonObject config = Config("mixtral");
        config["sliding_window"] = 32;

        using ModelFile sut = Open(config, new SafetensorsBuilder().Tensor("model.norm.weight", [1], 1));

        Assert.Equal(8u, sut.Metadata.GetUInt32("llama.expert_count"));
        Assert.Equal(2u, sut.Metadata.GetUInt32("llama.expert_used_count"));
        Assert.Equal(32u, sut.Metadata.GetUInt32("llama.context_length"));
    }

    [Fact]
    public void Open_RouterInBrainFloats_BecomesFloats()
    {
        using ModelFile sut = Open(Config("mixtral"), new SafetensorsBuilder().Tensor("model.layers.0.block_sparse_moe.gate.weight", "BF16", [2, 1], [0, 0x40, 0x80, 0xBF]));

        GgufTensor router = Assert.Single(sut.Tensors);
        Assert.Equal((GgmlType.F32, 1L, 2L), (router.Type, router.RowElements, router.RowCount));
        Assert.Equal([2f, -1f], [BitConverter.ToSingle(sut.GetData(router)), BitConverter.ToSingle(sut.GetData(router)[4..])]);
    }

    /// <summary>Llama 3.1's published parameters; the factors at both ends and one between are by the formula of its paper's code.</summary>
    [Fact]
    public void Open_Llama3Scaling_ComputesTheFactors()
    {
        JsonObject config = Config("llama");
        config["head_dim"] = 128;
        config["rope_theta"] = 500000.0;
        config["rope_scaling"] = JsonNode.Parse("""{"rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":8192}""");

        using ModelFile sut = Open(config, new SafetensorsBuilder().Tensor("model.norm.weight", [1], 1));

        GgufTensor factors = sut.GetTensor("rope_freqs.weight");
        Assert.Equal([64L], factors.Dimensions);
        Assert.Equal(1f, Factor(sut, factors, 0));
        Assert.Equal(8f, Factor(sut, factors, 63));
        double wavelength = 2 * Math.PI * Math.Pow(500000, 30 / 64.0);
        double smooth = ((8192 / wavelength) - 1) / 3;
        Assert.Equal(1 / (((1 - smooth) / 8) + smooth), Factor(sut, factors, 30), 4);
        Assert.False(sut.Metadata.Contains("llama.rope.scaling.type"));
    }

    [Fact]
    public void Open_LongRope_HasBothFactorsAndTheAttentionFactor()
    {
        JsonObject config = Config("phi3");
        config["max_position_embeddings"] = 131072;
        config["original_max_position_embeddings"] = 4096;
        config["rope_scaling"] = JsonNode.Parse("""{"type":"longrope","short_factor":[1,1,1,1],"long_factor":[1.5,2,4,60]}""");

        using ModelFile sut = Open(config, new SafetensorsBuilder().Tensor("model.norm.weight", [1], 1));

        Assert.Equal(60f, Factor(sut, sut.GetTensor("rope_factors_long.weight"), 3));
        Assert.Equal(1f, Factor(sut, sut.GetTensor("rope_factors_short.weight"), 3));
        Assert.Equal("longrope", sut.Metadata.GetString("phi3.rope.scaling.type"));
        Assert.Equal(4096u, sut.Metadata.GetUInt32("phi3.rope.scaling.original_context_length"));
        Assert.Equal(1.190238, sut.Metadata.GetSingle("phi3.rope.scaling.attn_factor"), 5);
    }

    [Fact]
    public void Open_Yarn_KeepsItsParameters()
    {
        JsonObject config = Config("qwen2");
        config["rope_scaling"] = JsonNode.Parse("""{"type":"yarn","factor":4.0,"original_max_position_embeddings":32768}""");

        using ModelFile sut = Open(config, new SafetensorsBuilder().Tensor("model.norm.weight", [1], 1));

        Assert.Equal("yarn", sut.Metadata.GetString("qwen2.rope.scaling.type"));
        Assert.Equal(4f, sut.Metadata.GetSingle("qwen2.rope.scaling.factor"));
        Assert.Equal(32768u, sut.Metadata.GetUInt32("qwen2.rope.scaling.original_context_length"));
    }

    [Theory]
    [InlineData("model_type", "\"mamba\"", "'model_type' is 'mamba'; expected one of gemma2, gemma3,")]
    [InlineData("model_type", "null", "'model_type' is 'missing'")]
    [InlineData("hidden_size", "-1", "'hidden_size' is '-1'; expected an integer from 1")]
    [InlineData("hidden_size", "64.5", "'hidden_size' is '64.5'")]
    [InlineData("hidden_size", "1e300", "'hidden_size' is '1e300'")]
    [InlineData("hidden_size", "null", "'hidden_size' is 'missing'")]
    [InlineData("num_hidden_layers", "\"2\"", "'num_hidden_layers' is '2'; expected an integer")]
    [InlineData("num_attention_heads", "0", "'num_attention_heads' is '0'")]
    [InlineData("num_attention_heads", "3", "'num_attention_heads' is '3'; expected a divisor of 'hidden_size' 32")]
    [InlineData("hidden_act", "\"gelu\"", "'hidden_act' is 'gelu'; expected silu")]
    [InlineData("rope_theta", "1e999", "'rope_theta'")]
    [InlineData("rope_scaling", "{\"rope_type\":\"dynamic\",\"factor\":2}", "'rope_scaling.rope_type' is 'dynamic'; expected default, linear, llama3, yarn or longrope")]
    [InlineData("rope_scaling", "{\"rope_type\":\"linear\",\"factor\":0}", "'rope_scaling.factor' is '0'")]
    [InlineData("rope_scaling", "{\"type\":\"longrope\",\"long_factor\":[1]}", "'rope_scaling.long_factor' is '1 elements'; expected 4 numbers")]
    [InlineData("rope_scaling", "{\"rope_type\":\"llama3\",\"factor\":8,\"low_freq_factor\":4,\"high_freq_factor\":4}", "'rope_scaling.high_freq_factor' is '4'; expected more than")]
    [InlineData("rope_scaling", "{\"rope_type\":\"yarn\",\"factor\":4,\"beta_fast\":64}", "'rope_scaling.beta_fast' is '64'; expected 32, or none")]
    [InlineData("rope_scaling", "{\"rope_type\":\"yarn\",\"factor\":4,\"attention_factor\":1}", "'rope_scaling.attention_factor' is '1'; expected 1.13")]
    [InlineData("rope_scaling", "7", "'rope_scaling' is '7'; expected an object")]
    [InlineData("partial_rotary_factor", "0.4", "'partial_rotary_factor' is '0.4'")]
    [InlineData("quantization_config", "{}", "'quantization_config' is 'there'; expected weights in BF16, F16 or F32")]
    [InlineData("tie_word_embeddings", "false", "tensor 'lm_head.weight' is 'missing'")]
    public void Open_BadConfig_SaysFieldFoundAndExpected(string key, string value, string expected)
    {
        JsonObject config = Config("llama");
        config[key] = JsonNode.Parse(value);

        Refused(config, new SafetensorsBuilder().Tensor("model.norm.weight", [1], 1), expected);
    }

    [Fact]
    public void Open_GemmaOfAnotherScale_IsRefused()
    {
        JsonObject config = Config("gemma2");
        config["query_pre_attn_scalar"] = 100;

        Refused(config, new SafetensorsBuilder().Tensor("model.norm.weight", [1], 1), "'query_pre_attn_scalar' is '100'; expected 256");
    }

    private static float Factor(ModelFile file, GgufTensor tensor, int index) => BitConverter.ToSingle(file.GetData(tensor)[(4 * index)..]);

    private static JsonObject Config(string family)
    {
        JsonObject text = (JsonObject)JsonNode.Parse($$"""
            {
              "model_type": "{{family}}", "max_position_embeddings": 64, "hidden_size": 32, "num_hidden_layers": 12, "intermediate_size": 64,
              "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-5, "num_local_experts": 8, "num_experts": 8,
              "num_experts_per_tok": 2, "moe_intermediate_size": 16
            }
            """)!;
        if (family != "gemma3")
        {
            return text;
        }
        return new JsonObject
        {
            ["model_type"] = family,
            ["text_config"] = JsonNode.Parse("""
                {
                  "model_type": "gemma3_text", "hidden_size": 2560, "intermediate_size": 10240, "num_hidden_layers": 34, "sliding_window": 1024,
                  "rope_scaling": {"factor": 8.0, "rope_type": "linear"}
                }
                """),
            ["vision_config"] = new JsonObject { ["hidden_size"] = 1152 },
        };
    }

    private ModelFile Open(JsonObject config, SafetensorsBuilder weights) => ModelFile.Open(Write(config, weights));

    private string Write(JsonObject config, SafetensorsBuilder weights)
    {
        _folder.Write("config.json", System.Text.Encoding.UTF8.GetBytes(config.ToJsonString()));
        _folder.Write("model.safetensors", weights.ToBytes());
        return _folder.Root;
    }

    private void Refused(JsonObject config, SafetensorsBuilder weights, string expected)
    {
        ModelFileException error = Assert.Throws<ModelFileException>(() => Open(config, weights));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
